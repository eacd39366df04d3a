import type { Natives } from '../linux/natives.js';

/** Code that is loaded only when it is needed. In the static executable each is bytecode of its own. */
export type ChunkName = 'explain' | 'help' | 'inspect' | 'log';

/** What an engine brings besides JavaScript itself. */
export interface Engine {
  readonly name: 'quickjs' | 'node';
  readonly natives: Natives;
  /** The same, throwing on failure: made once by {@link checkNatives}, as each host needs it. */
  readonly checked: Natives;
  /** Arguments after the program's own name. */
  readonly argv: readonly string[];
  /** argv[0] as the caller wrote it. */
  readonly program: string;
  /** The environment as NAME=VALUE, in its own order. */
  readonly environment: readonly string[];
  /**
   * Bytes to text, all of them or those from `start` to `end`; bytes that are not UTF-8 become
   * U+DC80…U+DCFF, so that nothing is lost.
   */
  decode(bytes: Uint8Array, start?: number, end?: number): string;
  /** The inverse of decode. */
  encode(text: string): Uint8Array;
  /** What the engine itself has opened and could be taken for a descriptor of the caller's. */
  ownFds?(): readonly number[];
  /** Loads a chunk; the exports of its module. */
  chunk(name: ChunkName): unknown;
  /**
   * The command that starts this program again as a container's init, or null where a clone of the
   * running process can go on by itself (then `launch` returns 0 in the child).
   */
  readonly reexec: readonly string[] | null;
}
