import { main } from './cli/cli.js';
import type { ChunkName, Engine } from './host/engine.js';
import type { Natives } from './linux/natives.js';

/** What native/main.c puts into the global scope. */
declare const engine: {
  readonly natives: Natives;
  /** With argv[0]. */
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  decode(bytes: Uint8Array): string;
  encode(text: string): Uint8Array;
  chunk(name: ChunkName): unknown;
};

const [program = 'runts', ...argv] = engine.argv;
const { natives, environment, decode, encode, chunk } = engine;
const quickjs: Engine = {
  name: 'quickjs',
  natives,
  argv,
  program,
  environment,
  decode,
  encode,
  chunk,
  reexec: null,
};

natives.exit(main(quickjs));
