/**
 * Makes dist/: the static executable, the Node flavour with its library, manual and completion, and
 * the conformance suite.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileSchemas } from '../spec-schemas/compile.js';
import { writeBuildInfo } from './build-info.js';
import { bundleNode, bundleQuickjs } from './bundle.js';
import { compileAll } from './compile.js';
import { conformanceSuite } from './conformance.js';
import { documents } from './documents.js';
import { assertions, glue, prototypes, systemCalls } from './generate.js';
import { folders, nativeObjects } from './objects.js';
import { root } from './setup/paths.js';
import { progress } from './setup/progress.js';
import { quickjsSource } from './setup/quickjs.js';
import { staticPrograms } from './static.js';

export interface BuildOptions {
  readonly quiet?: boolean;
}

const LARGEST = 3_000_000;

function generate(): void {
  mkdirSync(folders.generated, { recursive: true });
  mkdirSync(folders.objects, { recursive: true });
  const files = {
    'prototypes.h': prototypes(),
    'calls.c': systemCalls(),
    'glue.c': glue(),
    'assertions.c': assertions(),
  };
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folders.generated, name), text);
}

const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

/** The same C for Node, where the machine's own C library is loaded already. */
async function nodeFlavour(): Promise<void> {
  const shared = nativeObjects('-shared', ['-fPIC']);
  await compileAll(shared);
  mkdirSync(join(root, 'dist/node'), { recursive: true });
  const objects = shared.map(({ object }) => object);
  run('cc', ['-shared', '-s', ...objects, '-lseccomp', '-o', 'dist/node/natives.so']);
  await bundleNode();
  chmodSync(join(root, 'dist/node/main.js'), 0o755);
  run('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json']);
}

/** Builds everything. What has not changed is not compiled again. */
export async function build({ quiet = false }: BuildOptions = {}): Promise<void> {
  const say = (text: string) => quiet || progress(text);
  rmSync(join(root, 'build/bundle'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist'), { recursive: true });
  const version = writeBuildInfo();
  say('schemas to validators and types');
  await compileSchemas(join(root, 'src/generated'));
  const quickjs = quickjsSource();
  generate();
  await bundleQuickjs();
  say('QuickJS and the native layer to one static executable');
  await staticPrograms(quickjs);
  say('the Node flavour, the library and the conformance suite');
  await nodeFlavour();
  await conformanceSuite();
  documents(version);
  const { size } = statSync(join(root, 'dist/runts'));
  if (size > LARGEST) throw new Error(`dist/runts has ${size} bytes, more than ${LARGEST}`);
  say(`dist/runts has ${size} bytes`);
}
