import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileAll } from './compile.js';
import { root } from './setup/paths.js';
import { staticCompiler, staticSeccomp } from './toolchain.js';

/** Above everything else, so that what is there moves nothing: see native/heap.c. */
const SNAPSHOT_AT = '0x20000000';
const SNAPSHOT_ROOM = 16 << 20;

const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

/** The section .snapshot: room for the heap, or the heap itself. */
async function snapshotObject(name: string, contents: string): Promise<string> {
  const source = join(root, `build/native/${name}.S`);
  const object = join(root, `build/objects/${name}.o`);
  const text = `.section .snapshot,"aw",@progbits
.global rn_snapshot
.global rn_snapshot_end
rn_snapshot:
${contents}
rn_snapshot_end:
.section .note.GNU-stack,"",@progbits
`;
  writeFileSync(source, text);
  await compileAll([{ source, object, flags: [], always: true }]);
  return object;
}

const layout = [
  '-static',
  '-no-pie',
  '-Wl,--gc-sections',
  '-Wl,--build-id=none',
  '-Wl,-z,noseparate-code',
  `-Wl,--section-start=.snapshot=${SNAPSHOT_AT}`,
  '-Wl,-u,rn_snapshot',
];

const linkOnce = (output: string, objects: readonly string[]) =>
  run(staticCompiler, [...layout, ...objects, staticSeccomp(), '-lm', '-o', output]);

const addresses = (program: string) =>
  execFileSync('nm', [join(root, program)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => !line.includes('rn_snapshot_end') && !/ _(end|edata)$/.test(line))
    .join('\n');

/**
 * Linked twice: first with room for a heap, which that program fills by loading the bytecode and
 * writes; then with that heap in the same place. All other addresses must be equal, since the
 * heap points at them.
 */
export async function link(output: string, objects: readonly string[]): Promise<void> {
  const maker = `build/${output.split('/').at(-1)}-maker`;
  const image = `${maker}.snapshot`;
  linkOnce(maker, [...objects, await snapshotObject('room', `.fill ${SNAPSHOT_ROOM}`)]);
  run(`./${maker}`, ['build/bytecode/main.bin', image]);
  linkOnce(`${output}.new`, [...objects, await snapshotObject('heap', `.incbin "${image}"`)]);
  if (addresses(maker) !== addresses(`${output}.new`))
    throw new Error('the snapshot moved the program: its pointers would be wrong');
  run('strip', [`${output}.new`]);
  run('mv', [`${output}.new`, output]);
}
