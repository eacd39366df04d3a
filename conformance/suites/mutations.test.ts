import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { staticEngine } from '../lib/engines.js';
import type { MutationReport } from '../mutations/verdict.js';

const program = fileURLToPath(new URL('../../dist/conformance/main.js', import.meta.url));

interface Ended {
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The suite as it is shipped, with the wrapper beside it. */
const check = (...options: readonly string[]): Promise<Ended> =>
  promisify(execFile)(process.execPath, [
    ...[program, '--runtime', staticEngine.command[0] ?? '', '--json'],
    ...options,
  ]).catch((error) => error);

const outcomes = ({ stdout }: Ended) =>
  (JSON.parse(stdout) as MutationReport[]).flatMap(({ mutations }) =>
    mutations.map(({ name, outcome, test: by }) => [name, outcome, by]),
  );

// The chosen mutations are of tests that need root.
describe.skipIf(process.getuid?.() !== 0)('The mutation check (needs root)', () => {
  test('catches what is broken by another configuration and by what a command does not do', async () => {
    const ended = await check('--mutations', 'no-hostname,idle-delete');
    expect(ended.stderr).toContain('2 of 2: ');
    expect(outcomes(ended)).toEqual([
      ['no-hostname', 'caught', 'hostname/set'],
      ['idle-delete', 'caught', expect.any(String)],
    ]);
    expect(ended.code).toBeUndefined();
  });

  test('tells what no test notices, and ends with status 1', async () => {
    const ended = await check('--mutations', 'relative-bundle', '--filter', 'hostname/');
    expect(outcomes(ended)).toEqual([['relative-bundle', 'missed', undefined]]);
    expect(ended.code).toBe(1);
  });

  test('refuses names that no mutation has', async () => {
    const ended = await check('--mutations', 'no-hostname,nonsense');
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('No mutation is called nonsense');
  });
});
