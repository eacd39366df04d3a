import { during, RuntimeError, toData } from '../errors/error.js';
import type { LinuxIntelRdt, Spec } from '../generated/spec-types.js';
import { type Fd, owned } from '../host/fd.js';
import { attempt, type Context } from '../host/host.js';
import { openAt, openIfThere, readAll, readFile, writeValueAt } from '../host/io.js';
import { fileSystemOf } from '../host/stat.js';
import {
  AT_FDCWD,
  AT_REMOVEDIR,
  LOCK_EX,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  RDTGROUP_SUPER_MAGIC,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { planResctrl, type ResctrlPlan, resctrlGroup, schemaLines } from '../plan/resctrl.js';
import type { ContainerRecord } from '../state/record.js';
import type { Store } from '../state/store.js';
import type { RuntimeContext } from './context.js';
import type { Undo } from './undo.js';

const AT = '/linux/intelRdt';

/** Where everybody mounts it, resctrl.rst. */
const USUAL = '/sys/fs/resctrl';

function isUsual(context: Context): boolean {
  using fd = openIfThere(context, AT_FDCWD, USUAL, O_PATH | O_DIRECTORY);
  return fd !== null && fileSystemOf(context, fd.number) === RDTGROUP_SUPER_MAGIC;
}

/** proc_pid_mountinfo(5): spaces and the like are octal numbers in it. */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );

/** mountinfo may be long: it is read only where resctrl is at no usual place. */
function mounted(context: Context): string | undefined {
  const text = context.host.engine.decode(readFile(context, '/proc/self/mountinfo'));
  const line = text.split('\n').find((entry) => entry.includes(' - resctrl '));
  return line && unescaped(line.split(' ')[4] ?? '');
}

function rootOf(context: RuntimeContext): string {
  const root = context.resctrl ?? (isUsual(context) ? USUAL : mounted(context));
  if (root) return root;
  throw new RuntimeError('host', 'resctrl is not mounted', {
    hint: `mount -t resctrl resctrl ${USUAL}, if the processor and the kernel have it`,
  });
}

/** resctrl.rst: whoever changes groups locks the file system's root. */
const lockedRoot = (context: Context, root: string): Fd =>
  owned(openAt(context, AT_FDCWD, root, O_RDONLY | O_DIRECTORY), ({ number }) => {
    context.host.sys.flock(number, LOCK_EX);
  });

function textIfThere(context: Context, path: string): string | null {
  using file = openIfThere(context, AT_FDCWD, path, O_RDONLY);
  return file === null ? null : context.host.engine.decode(readAll(context, file.number));
}

/** The kernel keeps a sentence about the last failure. */
function explained(context: Context, root: string, act: () => void): void {
  try {
    act();
  } catch (thrown) {
    const said = textIfThere(context, `${root}/info/last_cmd_status`)?.trim();
    if (!said || said === 'ok' || !(thrown instanceof RuntimeError)) throw thrown;
    throw new RuntimeError(thrown.code, thrown.message, { ...toData(thrown), hint: said });
  }
}

const write = (context: Context, group: string, file: string, value: string): void =>
  writeValueAt(context, AT_FDCWD, `${group}/${file}`, `${value}\n`);

const removeGroup = (context: Context, path: string): void =>
  void attempt(context, [errno.ENOENT], 'unlinkat', AT_FDCWD, path, AT_REMOVEDIR);

/** Null when there is no such group. */
function schemataOf(context: Context, group: string): string | null {
  using directory = openIfThere(context, AT_FDCWD, group, O_PATH | O_DIRECTORY);
  return directory === null ? null : (textIfThere(context, `${group}/schemata`) ?? '');
}

function makeGroup(context: Context, { group, remove }: ResctrlPlan, undo: Undo): void {
  context.host.sys.mkdirat(AT_FDCWD, group, 0o755);
  undo.add(() => {
    // With a name of its own it may be somebody else's too by now, who would be thrown out of it.
    const isOurs = remove.includes(group) || !textIfThere(context, `${group}/tasks`)?.trim();
    if (isOurs) removeGroup(context, group);
  });
}

function writeSchemata(
  context: Context,
  plan: Pick<ResctrlPlan, 'group' | 'lines'>,
  before: string | null,
  undo: Undo,
) {
  const { group, lines } = plan;
  if (lines.length > 0 && before !== null)
    undo.add(() => write(context, group, 'schemata', before.trim()));
  for (const { at, text } of lines)
    during(`write ${group}/schemata`, () => write(context, group, 'schemata', text), at);
}

/** Writes what is asked for, and on failure again what was there. */
export function changeSchemata(
  context: Context,
  group: string,
  rdt: LinuxIntelRdt,
  undo: Undo,
): void {
  const before = schemataOf(context, group);
  writeSchemata(context, { group, lines: schemaLines(rdt) }, before, undo);
}

function makeMonitor(context: Context, monitor: string, undo: Undo): void {
  const make = () => void context.host.sys.mkdirat(AT_FDCWD, monitor, 0o755);
  during('make a monitoring group', make, `${AT}/enableMonitoring`);
  undo.add(() => removeGroup(context, monitor));
}

function prepare(
  context: RuntimeContext,
  rdt: LinuxIntelRdt,
  first: ContainerRecord,
  store: Store,
  undo: Undo,
): ResctrlPlan {
  const root = rootOf(context);
  using _lock = lockedRoot(context, root);
  const before = schemataOf(context, `${root}/${resctrlGroup(rdt, first.id)}`);
  const plan = planResctrl(rdt, first.id, { root, schemata: before });
  // What a killed `create` leaves must be found by `delete --force`.
  if (plan.remove.length > 0) store.write({ ...first, resctrl: plan.remove });
  explained(context, root, () => {
    if (plan.make) makeGroup(context, plan, undo);
    writeSchemata(context, plan, before, undo);
    if (plan.monitor !== null) makeMonitor(context, plan.monitor, undo);
  });
  return plan;
}

/** The group of resctrl that the container will be in, config-linux.md#intelrdt. */
export function reserveResctrl(
  context: RuntimeContext,
  { linux }: Spec,
  first: ContainerRecord,
  store: Store,
  undo: Undo,
): ResctrlPlan | null {
  const rdt = linux?.intelRdt;
  if (rdt === undefined) return null;
  return during('prepare resctrl', () => prepare(context, rdt, first, store, undo), AT);
}

/** What state.json keeps of it. */
export const recordOf = ({
  group,
  monitor,
  remove,
}: ResctrlPlan): Pick<ContainerRecord, 'rdt' | 'resctrl'> => ({
  rdt: { group, monitor },
  resctrl: remove,
});

/** What the process starts will be in the same groups. */
export function enterResctrl(context: Context, { group, monitor }: ResctrlPlan, pid: number): void {
  const enter = (directory: string) => write(context, directory, 'tasks', String(pid));
  during('enter the resctrl group', () => enter(group), AT);
  if (monitor !== null) during('enter the monitoring group', () => enter(monitor), AT);
}

export function leaveResctrl(context: Context, remove: readonly string[]): void {
  for (const directory of remove)
    during('remove the resctrl group', () => removeGroup(context, directory));
}
