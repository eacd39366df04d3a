import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeAsRoot } from '../../src/testing/as-root.js';
import { hostMounts, processesWith } from '../lib/machine.js';
import { until } from '../lib/until.js';
import { type Command, contained, tied } from './contained.js';

/** Starts a command and does nothing more. */
const starter =
  "const [p, ...a] = JSON.parse(process.argv[1]); require('child_process').spawn(p, a); setInterval(() => {}, 9999)";

const start = ([program, args]: Command): ChildProcess =>
  spawn(process.execPath, ['-e', starter, JSON.stringify([program, ...args])], { stdio: 'ignore' });

describeAsRoot('when whoever has started it is killed', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runts-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const isThere = () => processesWith(`${folder}\0`).length > 0;

  /** The script is told apart by its last argument. */
  const shell = (script: string): [string, string[]] => ['sh', ['-c', script, 'sh', folder]];

  it('a program that starts no other ends', async () => {
    const started = start(tied(...shell('while :; do sleep 1; done')));
    await until('it runs', () => processesWith(`${folder}\0`).length > 0);
    started.kill('SIGKILL');
    await until('it has ended', () => !isThere());
  });

  it('nothing is left of a program with children and mounts', async () => {
    const script = `mount -t tmpfs none "$1"; setsid sh -c 'echo >"$1/up"; sleep 1000' sh "$1" & wait`;
    const started = start(contained(...shell(script)));
    await until('the child runs', () => processesWith(`sh\0${folder}\0`).length > 1);
    expect(hostMounts().map(({ path }) => path)).not.toContain(folder);
    started.kill('SIGKILL');
    await until('all have ended', () => !isThere());
  });
});
