import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../linux/constants.js';

export interface FakeNode {
  /** S_IFREG … with the permission bits. */
  mode: number;
  uid: number;
  gid: number;
  major: number;
  minor: number;
  bytes: Uint8Array;
  /** Of its file system, statfs(2). */
  magic: number;
  /** STATX_ATTR_… */
  attributes: number;
  /** False once it has been removed, however many still hold it open. */
  linked: boolean;
  /** What NS_GET_NSTYPE answers. */
  namespace: number;
}

export const makeNode = (change: Partial<FakeNode> = {}): FakeNode => ({
  mode: S_IFREG | 0o644,
  uid: 0,
  gid: 0,
  major: 0,
  minor: 0,
  bytes: new Uint8Array(),
  magic: 0xef53,
  attributes: 0,
  linked: true,
  namespace: 0,
  ...change,
});

export const directoryNode = (change: Partial<FakeNode> = {}): FakeNode =>
  makeNode({ mode: S_IFDIR | 0o755, ...change });

export const linkNode = (target: string): FakeNode =>
  makeNode({ mode: S_IFLNK | 0o777, bytes: Buffer.from(target) });

export const isDirectory = ({ mode }: FakeNode): boolean => (mode & S_IFMT) === S_IFDIR;

export const parentPath = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** Every file and directory of a machine in memory, by its absolute path. Links are not followed. */
export class FakeTree {
  readonly nodes = new Map<string, FakeNode>([['/', directoryNode()]]);

  /** Adds a file with a text, or any node, and the directories above it. */
  put(path: string, what: string | FakeNode): void {
    if (!this.nodes.has(parentPath(path)))
      this.put(parentPath(path), directoryNode({ magic: this.#magicAbove(path) }));
    const node = typeof what === 'string' ? makeNode({ bytes: Buffer.from(what) }) : what;
    this.nodes.set(
      path,
      typeof what === 'string' ? { ...node, magic: this.#magicAbove(path) } : node,
    );
  }

  #magicAbove(path: string): number {
    let at = parentPath(path);
    while (!this.nodes.has(at)) at = parentPath(at);
    return this.nodes.get(at)!.magic;
  }

  text(path: string): string | undefined {
    const node = this.nodes.get(path);
    return node && Buffer.from(node.bytes).toString();
  }

  /** Paths of what is directly in a directory. */
  entries(path: string): string[] {
    return [...this.nodes.keys()].filter((name) => name !== '/' && parentPath(name) === path);
  }

  below(path: string): string[] {
    return [...this.nodes.keys()].filter((name) =>
      name.startsWith(path === '/' ? '/' : `${path}/`),
    );
  }

  remove(path: string): void {
    const node = this.nodes.get(path);
    if (node !== undefined) node.linked = false;
    this.nodes.delete(path);
  }

  /** What a mount does: whatever was there is hidden. */
  cover(path: string, node: FakeNode, from: string | null): void {
    const copies =
      from === null ? [] : this.below(from).map((name) => [name, this.nodes.get(name)!] as const);
    for (const name of this.below(path)) this.nodes.delete(name);
    this.nodes.set(path, node);
    for (const [name, copy] of copies) this.nodes.set(path + name.slice(from!.length), copy);
  }

  /** All that can be told of the tree without its times. */
  snapshot(): string[] {
    return [...this.nodes]
      .map(
        ([path, { mode, bytes }]) => `${path} ${mode.toString(8)} ${Buffer.from(bytes).toString()}`,
      )
      .sort();
  }
}
