import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kept } from '../lib/kept.js';
import { Refusal } from '../runner/refusal.js';

const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where `npm run build` puts it, beside the bundle that this is part of then. */
const shipped = beside('./probe');
const source = beside('./probe.c');

/** As the build compiles it, with the kernel's headers after those of the C library. */
const flags = [
  ...['-static', '-s', '-Os', '-Wall', '-Wextra'],
  ...['/usr/include', '/usr/include/x86_64-linux-gnu'].flatMap((path) => ['-idirafter', path]),
];

const original = (): string =>
  existsSync(source)
    ? kept('probe', source, (program) => {
        execFileSync('musl-gcc', [...flags, '-o', program, source]);
      })
    : shipped;

function copyOf(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'runts-probe-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // Root of a user namespace executes it too.
  chmodSync(folder, 0o755);
  const copy = join(folder, 'probe');
  copyFileSync(program, copy);
  chmodSync(copy, 0o755);
  execFileSync(copy, [], { stdio: 'ignore' });
  return copy;
}

let copy: string | undefined;

/**
 * The static program of probe.c; compiled when it is first used, if it was not shipped. A copy that
 * lives as long as this program: bundles hold links to it, and what a broken runtime does to one
 * must not stay.
 */
export function probe(): string {
  try {
    copy ??= copyOf(original());
  } catch (error) {
    const { message } = error as Error;
    throw new Refusal(
      `The probe cannot be used from ${tmpdir()} (TMPDIR names another): ${message}`,
    );
  }
  return copy;
}
