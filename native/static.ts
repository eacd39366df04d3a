import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chunkNames } from './bundle.js';
import { type Compilation, compileAll } from './compile.js';
import { link } from './link.js';
import { folders, handWritten, nativeObject, nativeObjects, sections } from './objects.js';
import { root } from './setup/paths.js';
import { headersBesideMusl, staticCompiler } from './toolchain.js';

/** Programs that differ in one define: the executable, and the one that tests make calls fail in. */
const programs = [
  { output: 'dist/runts', suffix: '-static', flags: [] },
  { output: 'build/runts-fault', suffix: '-fault', flags: ['-DRUNTS_FAULT'] },
] as const;

/** A third faster than -Os; the rest of the engine is no hot path, and there size counts. */
const engineSpeed: Readonly<Record<string, string>> = { engine: '-O2' };

const engineObjects = (quickjs: string): Compilation[] =>
  ['libregexp', 'libunicode', 'cutils', 'dtoa', 'engine'].map((name) => ({
    source: name === 'engine' ? handWritten(name) : join(quickjs, `${name}.c`),
    object: join(folders.objects, `qjs-${name}.o`),
    compiler: staticCompiler,
    flags: [
      engineSpeed[name] ?? '-Os',
      '-w',
      '-D_GNU_SOURCE',
      '-DCONFIG_VERSION="2025-04-26"',
      '-fwrapv',
      '-fno-pie',
      `-ffile-prefix-map=${quickjs}=quickjs`,
      `-ffile-prefix-map=${root}=.`,
      '-I',
      quickjs,
      ...sections,
    ],
  }));

/** The chunks' bytecode as bytes of the program, between two symbols each. */
function embeddedChunks(): Compilation {
  const texts = chunkNames.map(
    (name) => `.global rn_${name}_start
.global rn_${name}_end
.balign 16
rn_${name}_start:
.incbin "build/bytecode/${name}.bin"
rn_${name}_end:
.byte 0
`,
  );
  const source = join(folders.generated, 'embedded.S');
  const note = '.section .note.GNU-stack,"",@progbits\n';
  writeFileSync(source, `.section .rodata\n${texts.join('')}${note}`);
  return { source, object: join(folders.objects, 'embedded.o'), flags: [], always: true };
}

const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

function bytecode(quickjs: string, engine: readonly Compilation[]): void {
  const tool = join(root, 'build/bytecode-compiler');
  const objects = engine.map(({ object }) => object);
  const flags = ['-O1', '-w', '-static', '-no-pie', '-fno-pie', '-isystem', quickjs];
  run(staticCompiler, [...flags, handWritten('bytecode'), ...objects, '-o', tool]);
  mkdirSync(join(root, 'build/bytecode'), { recursive: true });
  const compileOne = (name: string, type: string) =>
    run(tool, [`build/bundle/${name}.js`, `build/bytecode/${name}.bin`, `${name}.js`, type]);
  compileOne('main', 'module');
  for (const name of chunkNames) compileOne(name, 'script');
}

function programObjects(quickjs: string, suffix: string, flags: readonly string[]): Compilation[] {
  const musl = ['-isystem', headersBesideMusl(), '-isystem', quickjs, '-fno-pie'];
  const all = [...musl, ...sections, ...flags, '-DRUNTS_STATIC', '-Wno-cast-function-type'];
  const own = [...['main', 'heap', 'text', 'fault', 'libc'].map(handWritten)];
  const glue = join(folders.generated, 'glue.c');
  return [
    ...nativeObjects(suffix, all),
    ...[...own, glue].map((source) => nativeObject(source, suffix, all)),
  ].map((task) => ({ ...task, compiler: staticCompiler }));
}

export async function staticPrograms(quickjs: string): Promise<void> {
  const engine = engineObjects(quickjs);
  await compileAll(engine);
  bytecode(quickjs, engine);
  const embedded = embeddedChunks();
  // Against the machine's C library, whose headers know more of the kernel's constants.
  const checked = nativeObject(join(folders.generated, 'assertions.c'), '', []);
  await compileAll([embedded, checked]);
  for (const { output, suffix, flags } of programs) {
    const objects = programObjects(quickjs, suffix, flags);
    await compileAll(objects);
    await link(
      output,
      [...objects, embedded, ...engine].map(({ object }) => object),
    );
  }
}
