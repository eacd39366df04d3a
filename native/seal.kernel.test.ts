import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { until } from '../conformance/lib/until.js';
import { openAt } from '../src/host/io.js';
import {
  AT_FDCWD,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
} from '../src/linux/constants.js';
import { describeAsRoot } from '../src/testing/as-root.js';
import { kernelContext } from '../src/testing/cgroup-scenario.js';
import { distRunts } from './setup/paths.js';

const F_GET_SEALS = 1034;
const NOBODY = '65534';

const folder = mkdtempSync(join(tmpdir(), 'runts-seal-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Where anybody may run it. */
const program = join(folder, 'runts');

/** Who may not make mounts cannot have the executable on a read-only one. */
const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

describeAsRoot('the executable of a caller without privileges', () => {
  it('is a sealed copy in memory (CVE-2019-5736)', async () => {
    chmodSync(folder, 0o755);
    copyFileSync(distRunts, program);
    // Nobody writes to it, so whoever reads it stands still.
    spawnSync('mkfifo', ['-m', '644', join(folder, 'config.json')]);
    const args = [program, '--root', join(folder, 'state'), 'create', '--bundle', folder, 'x'];
    const child = spawn('env', [...asNobody, ...args], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    try {
      const exe = `/proc/${child.pid}/exe`;
      await until('it runs from memory', () => readlinkSync(exe) === '/memfd:runts (deleted)');
      const context = kernelContext();
      using copy = openAt(context, AT_FDCWD, exe, 0);
      expect(context.host.sys.fcntl(copy.number, F_GET_SEALS, 0)).toBe(
        F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
      );
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });
});
