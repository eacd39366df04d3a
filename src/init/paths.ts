import { during } from '../errors/error.js';
import type { Fd } from '../host/fd.js';
import { mountPrivateProc, writeProc } from '../host/proc.js';
import type { Root } from '../host/root.js';
import { stat } from '../host/stat.js';
import { MOUNT_ATTR_RDONLY, O_PATH, S_IFDIR } from '../linux/constants.js';
import { attach, changeMount, cloneMount, type FsConfig, newMount } from './attach.js';
import type { InitContext } from './context.js';
import { openNull } from './devices.js';

/** config-linux.md#sysctl, through a procfs that nothing of the container can have touched. */
export function writeSysctls(context: InitContext): void {
  const { sysctls } = context.plan.paths;
  if (sysctls.length === 0) return;
  using proc = during('mount a procfs of our own', () => mountPrivateProc(context));
  for (const { file, value, at } of sysctls)
    during(`set sysctl ${file}`, () => writeProc(context, proc, `sys/${file}`, value), at);
}

/** config-linux.md#readonly-paths: a path that does not exist needs no protection. */
export function protectPaths(context: InitContext, root: Root): void {
  for (const path of context.plan.paths.readonly)
    during(`make ${path} read-only`, () => {
      using target = root.openIfThere(path);
      if (target === null) return;
      using mount = cloneMount(context, target.number, '', true);
      changeMount(context, mount.number, { set: MOUNT_ATTR_RDONLY });
      attach(context, mount, target);
    });
}

/** config-linux.md#masked-paths: a file becomes /dev/null, a directory an empty read-only one. */
export function maskPaths(context: InitContext, root: Root): void {
  const { masked } = context.plan.paths;
  if (masked.length === 0) return;
  using empty = new EmptyDirectory(context);
  using nullDevice = during('open the null device', () => openNull(context, root, O_PATH));
  for (const path of masked)
    during(`mask ${path}`, () => {
      using target = root.openIfThere(path);
      if (target === null) return;
      if (stat(context, target.number).type === S_IFDIR) return empty.cover(target);
      using mount = cloneMount(context, nullDevice.number, '', false);
      attach(context, mount, target);
    });
}

/** The root directory itself is one of the two inodes; older kernels count it. */
const emptyConfig: FsConfig = [
  ['source', 'tmpfs'],
  ['nr_blocks', '1'],
  ['nr_inodes', '2'],
];

/** One superblock serves all masked directories. */
class EmptyDirectory implements Disposable {
  readonly #context: InitContext;
  #first: Fd | null = null;

  constructor(context: InitContext) {
    this.#context = context;
  }

  cover(target: Fd): void {
    if (this.#first === null) {
      const config = [...emptyConfig, ...this.#context.plan.security.mounts];
      this.#first = newMount(this.#context, 'tmpfs', config, MOUNT_ATTR_RDONLY);
      attach(this.#context, this.#first, target);
      return;
    }
    using copy = cloneMount(this.#context, this.#first.number, '', false);
    attach(this.#context, copy, target);
  }

  [Symbol.dispose](): void {
    this.#first?.[Symbol.dispose]();
  }
}
