import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const engines: readonly (readonly [string, readonly string[], number])[] = [
  ['the static executable', [inProject('dist/runts')], 60],
  ['Node', [process.execPath, inProject('dist/node/main.js')], 4],
];

const SLASH = 0x2f;

/** A name of any bytes: whole characters, pieces of them, and what is neither. */
const anyName = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }).map(Buffer.from),
      fc.uint8Array({ maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts).filter((byte) => byte !== 0 && byte !== SLASH))
  .filter(({ length }) => length > 0 && length <= 255)
  .map((name) => Buffer.concat([Buffer.from('d'), name]).subarray(0, 255));

describe.each(engines)('a path in %s', (_, command, runs) => {
  it('reaches the kernel with the bytes that it had in the arguments', () => {
    const folder = mkdtempSync(join(tmpdir(), 'runts-text-'));
    const path = (name: Uint8Array) => Buffer.concat([Buffer.from(`${folder}/`), name]);
    try {
      fc.assert(
        fc.property(anyName, (name) => {
          const directory = path(name);
          mkdirSync(directory, { recursive: true });
          // Node could start a program with UTF-8 alone.
          const args = ['-0', ...command, 'spec', '--bundle'];
          const { status, stderr } = spawnSync('xargs', args, { input: directory });
          expect([status, stderr.toString()]).toEqual([0, '']);
          expect(existsSync(Buffer.concat([directory, Buffer.from('/config.json')]))).toBe(true);
          rmSync(directory, { recursive: true });
        }),
        { numRuns: runs },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
