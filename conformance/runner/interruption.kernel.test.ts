import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { distRunts, root } from '../../native/setup/paths.js';
import { cgroupsOf, processesMounting, processesWith, textOf } from '../lib/machine.js';
import { until } from '../lib/until.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runts-interrupted-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As runts, but `start` never ends, and tells its arguments. */
function hangingRuntime(): string {
  const path = join(folder, 'hanging');
  const script = `#!/bin/sh
for word; do
  if test "$word" = start; then echo "$*" >>${folder}/hangs; exec tail -f ${folder}/hangs; fi
done
exec ${distRunts} "$@"
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

function suite(...args: readonly string[]): { child: ChildProcess; said: () => string } {
  const script = ['dist/conformance/main.js', '--runtime', hangingRuntime()];
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const child = spawn(process.execPath, [...script, ...args], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  return { child, said: () => text };
}

/** Identifiers of containers. */
const hanging = () =>
  textOf(join(folder, 'hangs'))
    .split('\n')
    .flatMap((line) => line.split(' ').at(-1) || []);

const temporaries = () =>
  readdirSync(folder)
    .filter((name) => name.startsWith('tmp-'))
    .flatMap((name) => readdirSync(join(folder, name)));

describe.runIf(process.getuid?.() === 0)('a suite that is interrupted', () => {
  test.each([
    ['SIGINT', 130, []],
    ['SIGTERM', 143, []],
    ['SIGTERM', 143, ['--cgroups', 'v1']],
  ] as const)(
    'by %s ends with %i, tells what it has found and leaves nothing (%j)',
    async (signal, status, args) => {
      const { child, said } = suite('--filter', 'hostname', ...args);
      const end = once(child, 'close');
      await until('a test hangs', () => hanging().length > 0);
      child.kill(signal);
      expect(await end).toEqual([status, null]);
      expect(said()).toMatch(/runts .*: 0 pass, 0 fail, .*interrupted after/);
      expect(temporaries()).toEqual([]);
      expect(processesWith(`${folder}/`)).toEqual([]);
      expect(processesMounting(folder)).toEqual([]);
      expect(hanging().flatMap((id) => cgroupsOf(`/${id}`))).toEqual([]);
    },
  );
});
