import { errno } from '../linux/errno.js';
import type { FakeMount } from './fake-cgroups.js';
import { directoryNode, type FakeNode, FakeTree, makeNode, parentPath } from './fake-tree.js';

export interface FakeDescriptor {
  /** What it is called in a trace. */
  readonly name: string;
  /** Where its node is; null when it is attached nowhere. */
  path: string | null;
  readonly node: FakeNode;
  offset: number;
  /** A clone of the mounts at this path. */
  readonly source?: string;
  /** A descriptor of this process. */
  readonly pid?: number;
}

export interface FakeProcess {
  readonly startTime: string;
  /** Wait status once it has ended. */
  ended: number | null;
}

export const AT_FDCWD = -100;

/** Everything that the fake natives work on. */
export class FakeMachine {
  readonly tree = new FakeTree();
  readonly table = new Map<number, FakeDescriptor>();
  readonly processes = new Map<number, FakeProcess>();
  /** What the other end of any socket will say, then its end. */
  readonly packets: string[] = [];
  /** What was sent through a socket. */
  readonly sent: string[] = [];
  readonly signals: (readonly [pid: number, signal: number])[] = [];
  readonly cgroups: readonly FakeMount[];
  /** Root and working directory of the process. */
  root = '';
  cwd = '/';

  constructor(cgroups: readonly FakeMount[]) {
    this.cgroups = cgroups;
    for (const fd of [0, 1, 2]) this.table.set(fd, this.anonymous(`stdio ${fd}`));
    for (const { mountpoint, files, root } of cgroups) {
      this.tree.put(mountpoint, directoryNode());
      this.fill(mountpoint, { ...files, ...root });
    }
  }

  anonymous(name: string, change: Partial<FakeDescriptor> = {}): FakeDescriptor {
    return { name, path: null, node: makeNode({ mode: 0o010600 }), offset: 0, ...change };
  }

  fill(path: string, files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) this.tree.put(`${path}/${name}`, text);
  }

  /** The lowest free number, as the kernel gives it. */
  open(descriptor: FakeDescriptor): number {
    let fd = 0;
    while (this.table.has(fd)) fd++;
    this.table.set(fd, descriptor);
    return fd;
  }

  /** The absolute path that a directory and a path name, or an errno. */
  locate(dir: number, path: string): string | number {
    if (dir === AT_FDCWD) return this.#join(path.startsWith('/') ? this.root : this.cwd, path);
    const base = this.table.get(dir);
    if (base === undefined) return -errno.EBADF;
    if (base.path === null) return -errno.ENOTDIR;
    return this.#join(base.path, path);
  }

  #join(base: string, path: string): string {
    const parts = `${base}/${path}`.split('/').filter((part) => part !== '' && part !== '.');
    const [proc, self, dir, fd, ...rest] = parts;
    if (proc === 'proc' && self === 'self' && dir === 'fd')
      return [this.table.get(Number(fd))?.path, ...rest].join('/');
    return `/${parts.join('/')}`;
  }

  /** The node at a place, or an errno. */
  find(dir: number, path: string): FakeNode | number {
    if (path === '') return this.table.get(dir)?.node ?? -errno.EBADF;
    const place = this.locate(dir, path);
    return typeof place === 'number' ? place : (this.tree.nodes.get(place) ?? -errno.ENOENT);
  }

  /** Adds a node at a place where there is none; zero or an errno. */
  make(dir: number, path: string, node: FakeNode): number {
    const place = this.locate(dir, path);
    if (typeof place === 'number') return place;
    if (this.tree.nodes.has(place)) return -errno.EEXIST;
    const parent = this.tree.nodes.get(parentPath(place));
    if (parent === undefined) return -errno.ENOENT;
    this.tree.nodes.set(place, { ...node, magic: parent.magic });
    const cgroup = this.cgroups.find(({ mountpoint }) => place.startsWith(`${mountpoint}/`));
    if (cgroup !== undefined) this.fill(place, cgroup.files);
    return 0;
  }

  isCgroup(path: string): boolean {
    return this.cgroups.some(({ mountpoint }) => path.startsWith(`${mountpoint}/`));
  }

  addProcess(pid: number, startTime: string): void {
    this.processes.set(pid, { startTime, ended: null });
    const fields = ['S', ...Array.from({ length: 18 }, () => '0'), startTime, '0'];
    this.tree.put(`/proc/${pid}/stat`, `${pid} (odd) name) ${fields.join(' ')}\n`);
    this.tree.put(`/proc/${pid}/oom_score_adj`, '0\n');
  }

  /** The process dies; its parent has yet to learn that. */
  end(pid: number, status: number): void {
    const process = this.processes.get(pid);
    if (process === undefined || process.ended !== null) return;
    process.ended = status;
    const stat = this.tree.nodes.get(`/proc/${pid}/stat`)!;
    stat.bytes = Buffer.from(Buffer.from(stat.bytes).toString().replace(') S', ') Z'));
  }

  forget(pid: number): void {
    this.processes.delete(pid);
    for (const path of [...this.tree.below(`/proc/${pid}`), `/proc/${pid}`]) this.tree.remove(path);
  }
}
