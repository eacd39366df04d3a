/**
 * The program of the static executable. All top levels run once, while it is built: what they make
 * is in the snapshot of the heap (native/heap.c), and only `start` runs each time.
 */
import { main } from './cli/cli.js';
import { actions } from './cli/commands/actions.js';
import type { ChunkName, Engine } from './host/engine.js';
import { checkNatives } from './host/host.js';
import type { Natives } from './linux/natives.js';

/** What native/main.c puts into the global scope; argv and environment only before `start`. */
declare const engine: {
  readonly natives: Natives;
  /** With argv[0]. */
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  decode(bytes: Uint8Array, start?: number, end?: number): string;
  encode(text: string): Uint8Array;
  chunk(name: ChunkName): unknown;
};

declare global {
  /** Called by native/main.c. */
  var start: () => never;
}

const checked = checkNatives(engine.natives);

/** The functions of C are no enumerable properties, so each is named. */
function quickjsEngine(): Engine {
  const { natives, environment, decode, encode, chunk } = engine;
  const [program = 'runts', ...argv] = engine.argv;
  return {
    name: 'quickjs',
    natives,
    checked,
    argv,
    program,
    environment,
    decode,
    encode,
    chunk,
    reexec: null,
  };
}

/** Runs the program and ends the process. */
globalThis.start = () => {
  const { natives, encode } = engine;
  try {
    natives.exit(main(quickjsEngine(), actions));
  } catch (thrown) {
    const text = thrown instanceof Error ? `${thrown.message}\n${thrown.stack}` : String(thrown);
    const bytes = encode(`runts: bug: ${text}\n`);
    natives.write(2, bytes, bytes.length);
  }
  natives.exit(1);
  throw new Error('exit_group returned');
};
