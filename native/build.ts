/** Makes dist/: the static executable, the Node flavour with its library, manual and completion. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileSchemas } from '../spec-schemas/compile.js';
import { writeBuildInfo } from './build-info.js';
import { bundleNode, bundleQuickjs, chunkNames } from './bundle.js';
import { type Compilation, compileAll } from './compile.js';
import { documents } from './documents.js';
import { assertions, glue, prototypes, systemCalls } from './generate.js';
import { root } from './setup/paths.js';
import { quickjsSource } from './setup/quickjs.js';

export interface BuildOptions {
  readonly quiet?: boolean;
}

const generated = join(root, 'build/native');
const objects = join(root, 'build/objects');
const dist = join(root, 'dist');

const handWritten = ['batch', 'launch', 'fds', 'signals', 'seccomp', 'bpf'];
const engineSources = ['libregexp', 'libunicode', 'cutils', 'dtoa'];

const common = ['-O2', '-Wall', '-Wextra', '-Werror', `-ffile-prefix-map=${root}=.`];
const sections = ['-ffunction-sections', '-fdata-sections'];

function generate(): void {
  mkdirSync(generated, { recursive: true });
  mkdirSync(objects, { recursive: true });
  const files = {
    'prototypes.h': prototypes(),
    'calls.c': systemCalls(),
    'glue.c': glue(),
    'assertions.c': assertions(),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(generated, name), text);
}

const engineFlags = (source: string) => [
  // A third faster than -Os, and 250 KB larger.
  '-O2',
  '-w',
  '-D_GNU_SOURCE',
  '-DCONFIG_VERSION="2025-04-26"',
  '-fwrapv',
  `-ffile-prefix-map=${source}=quickjs`,
  ...sections,
];

/** Regular expressions and numbers as text are no hot path: there size counts. */
const engineObjects = (source: string): Compilation[] => [
  ...engineSources.map((name) => ({
    source: join(source, `${name}.c`),
    object: join(objects, `qjs-${name}.o`),
    flags: [...engineFlags(source), '-Os'],
  })),
  {
    source: join(root, 'native/engine.c'),
    object: join(objects, 'qjs-engine.o'),
    flags: [...engineFlags(source), '-I', source],
  },
];

const nativeObjects = (suffix: string, flags: readonly string[]): Compilation[] =>
  [...handWritten.map((name) => join(root, `native/${name}.c`)), join(generated, 'calls.c')].map(
    (source) => ({ source, object: objectOf(source, suffix), flags: [...common, ...flags] }),
  );

const objectOf = (source: string, suffix: string) =>
  join(objects, `${source.split('/').at(-1)!.replace(/\.c$/, '')}${suffix}.o`);

const headers = (quickjs: string) => [
  '-I',
  join(root, 'native'),
  '-I',
  generated,
  '-isystem',
  quickjs,
];

function embed(): string {
  const text = chunkNames.map(
    (name) =>
      `.global rn_${name}_start\n.global rn_${name}_end\n.balign 16\nrn_${name}_start:\n.incbin "build/bytecode/${name}.bin"\nrn_${name}_end:\n.byte 0\n`,
  );
  const file = join(generated, 'embedded.S');
  writeFileSync(file, `.section .rodata\n${text.join('')}.section .note.GNU-stack,"",@progbits\n`);
  return file;
}

function bytecode(quickjs: string, engine: readonly Compilation[]): void {
  const tool = join(root, 'build/bytecode-compiler');
  const compile = ['-O1', '-w', '-isystem', quickjs, join(root, 'native/bytecode.c')];
  run('cc', [...compile, ...engine.map(({ object }) => object), '-lm', '-o', tool]);
  mkdirSync(join(root, 'build/bytecode'), { recursive: true });
  const compileOne = (name: string, type: string) =>
    run(tool, [`build/bundle/${name}.js`, `build/bytecode/${name}.bin`, `${name}.js`, type]);
  compileOne('main', 'module');
  for (const name of chunkNames) compileOne(name, 'script');
}

const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

/** Programs that differ in one define: the executable, and the one that tests make calls fail in. */
const programs = [
  { output: 'dist/runts', suffix: '-static', flags: [] },
  { output: 'build/runts-fault', suffix: '-fault', flags: ['-DRUNTS_FAULT'] },
] as const;

/** Above everything else, so that what is there moves nothing: see native/heap.c. */
const SNAPSHOT_AT = '0x20000000';
const SNAPSHOT_ROOM = 16 << 20;

/** The section .snapshot: room for the heap, or the heap itself. */
function snapshotSource(name: string, contents: string): string {
  const file = join(generated, name);
  const text = `.section .snapshot,"aw",@progbits
.global rn_snapshot
.global rn_snapshot_end
rn_snapshot:
${contents}
rn_snapshot_end:
.section .note.GNU-stack,"",@progbits
`;
  writeFileSync(file, text);
  return file;
}

async function assemble(source: string): Promise<string> {
  const object = join(objects, `${source.split('/').at(-1)}.o`);
  await compileAll([{ source, object, flags: [], always: true }]);
  return object;
}

function linkOnce(output: string, objectFiles: readonly string[]): void {
  const place = ['-Wl,--gc-sections', '-Wl,--build-id=none', '-Wl,-z,noseparate-code'];
  const keep = [`-Wl,--section-start=.snapshot=${SNAPSHOT_AT}`, '-Wl,-u,rn_snapshot'];
  run('cc', ['-static', '-no-pie', ...place, ...keep, ...objectFiles, '-lseccomp', '-lm', '-o', output]);
}

const addresses = (program: string) =>
  execFileSync('nm', [program], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => !line.includes('rn_snapshot_end') && !/ _(end|edata)$/.test(line))
    .join('\n');

/**
 * Linked twice: first with room for a heap, which that program fills by loading the bytecode and
 * writes; then with that heap in the same place. All other addresses must be equal, since the
 * heap points at them.
 */
async function link(output: string, objectFiles: readonly string[]): Promise<void> {
  const maker = `build/${output.split('/').at(-1)}-maker`;
  const image = `${maker}.snapshot`;
  const room = await assemble(snapshotSource('room.S', `.fill ${SNAPSHOT_ROOM}`));
  linkOnce(maker, [...objectFiles, room]);
  run(`./${maker}`, ['build/bytecode/main.bin', image]);
  const heap = await assemble(snapshotSource('heap.S', `.incbin "${image}"`));
  linkOnce(`${output}.new`, [...objectFiles, heap]);
  if (addresses(maker) !== addresses(`${output}.new`))
    throw new Error('the snapshot moved the program: its pointers would be wrong');
  run('strip', [`${output}.new`]);
  run('mv', [`${output}.new`, output]);
}

async function staticPrograms(quickjs: string): Promise<void> {
  const engine = engineObjects(quickjs);
  await compileAll(engine);
  bytecode(quickjs, engine);
  const embedded = {
    source: embed(),
    object: join(objects, 'embedded.o'),
    flags: [],
    always: true,
  };
  for (const { output, suffix, flags } of programs) {
    const own = ['main', 'heap', 'text', 'fault'].map((name) => join(root, `native/${name}.c`));
    const sources = [...own, join(generated, 'glue.c')];
    const all = [...headers(quickjs), ...sections, ...flags, '-DRUNTS_STATIC'];
    const native = [
      ...nativeObjects(suffix, all),
      ...sources.map((source) => ({
        source,
        object: objectOf(source, suffix),
        flags: [...common, ...all, '-Wno-cast-function-type'],
      })),
    ];
    const checked = {
      source: join(generated, 'assertions.c'),
      object: join(objects, 'assertions.o'),
      flags: [],
    };
    await compileAll([...native, embedded, checked]);
    link(
      output,
      [...native, embedded, ...engine].map(({ object }) => object),
    );
  }
}

async function nodeFlavour(quickjs: string): Promise<void> {
  const shared = nativeObjects('-shared', [...headers(quickjs), '-fPIC']);
  await compileAll(shared);
  const objectFiles = shared.map(({ object }) => object);
  mkdirSync(join(dist, 'node'), { recursive: true });
  run('cc', ['-shared', '-s', ...objectFiles, '-lseccomp', '-o', 'dist/node/natives.so']);
  await bundleNode();
  run('npx', ['tsc', '-p', 'tsconfig.types.json']);
}

/** Builds everything. What has not changed is not compiled again. */
export async function build({ quiet = false }: BuildOptions = {}): Promise<void> {
  const say = (text: string) => quiet || console.log(text);
  rmSync(join(root, 'build/bundle'), { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const version = writeBuildInfo();
  await compileSchemas(join(root, 'src/generated'));
  const quickjs = quickjsSource();
  generate();
  say('bundle');
  await bundleQuickjs();
  say('compile and link');
  await staticPrograms(quickjs);
  await nodeFlavour(quickjs);
  documents(version);
  const { size } = statSync(join(dist, 'runts'));
  if (size > 3 << 20) throw new Error(`dist/runts has ${size} bytes, more than 3 MB`);
  say(`dist/runts: ${size} bytes`);
}
