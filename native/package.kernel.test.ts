import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { thisHost } from '../conformance/runner/host.js';
import { root } from './setup/paths.js';

const folder = mkdtempSync(join(tmpdir(), 'runts-package-'));
const unpacked = join(folder, 'package');
const temporary = join(folder, 'tmp');
const user = '71234';
const asUser = ['setpriv', '--reuid', user, '--regid', user, '--clear-groups'];
const isRoot = process.getuid?.() === 0;
const isHybrid = thisHost().cgroups === 'hybrid';

function run(command: readonly string[], cwd = folder) {
  const [program = '', ...args] = command;
  const env = { ...process.env, TMPDIR: temporary, HOME: temporary };
  return spawnSync(program, args, { cwd, env, encoding: 'utf8' });
}

const npm = (...args: readonly string[]) => {
  const { npm_execpath: script } = process.env;
  return run([...(script ? [process.execPath, script] : ['npm']), ...args], root);
};

const suite = join(folder, 'bin/runts-conformance');
const oneTest = ['--filter', 'hostname/set'];

/** What somebody gets who installs the package, without what only a checkout has. */
describe('the package, unpacked elsewhere', () => {
  beforeAll(() => {
    // Everybody may look, as where packages are installed.
    chmodSync(folder, 0o755);
    for (const name of ['tmp', 'bin']) mkdirSync(join(folder, name));
    chmodSync(temporary, 0o1777);
    const packed = npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder);
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    const { status } = run(['tar', '--no-same-owner', '-xf', filename]);
    expect(status).toBe(0);
    symlinkSync('../package/dist/conformance/main.js', suite);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has the conformance suite as a program, which needs no other package', () => {
    const { status, stdout, stderr } = run([suite, '--list', ...oneTest]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^hostname\/set: /);
    expect(status).toBe(0);
  });

  test.runIf(isRoot)('tests a runtime as root', () => {
    const { status, stderr } = run([suite, '--runtime', 'package/dist/runts', ...oneTest]);
    expect(stderr).toContain(' 1 pass, 0 fail,');
    expect(status).toBe(0);
  });

  test('tests a runtime as a user without privileges', () => {
    const drop = isRoot ? asUser : [];
    const { status, stderr } = run([...drop, suite, '--runtime', 'package/dist/runts', ...oneTest]);
    expect(stderr).toContain(' 1 pass, 0 fail,');
    expect(status).toBe(0);
  });

  test.runIf(isRoot && isHybrid)('tells that user that a view of cgroups takes root', () => {
    const asked = ['--runtime', 'package/dist/runts', '--cgroups', 'v1'];
    const { status, stderr } = run([...asUser, suite, ...asked]);
    expect(stderr).toBe('runts-conformance: --cgroups takes root on this host\n');
    expect(status).toBe(2);
  });

  test.runIf(isRoot)('says so when the user cannot reach the runtime', () => {
    chmodSync(join(unpacked, 'dist/runts'), 0o700);
    const { status, stderr } = run([...asUser, suite, '--runtime', 'package/dist/runts']);
    expect(stderr).toMatch(
      /^runts-conformance: .*\/runts --version: this user may not execute it, or not reach/,
    );
    expect(status).toBe(2);
  });
});
