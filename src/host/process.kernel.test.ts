import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeAsRoot } from '../testing/as-root.js';
import { kernelContext } from '../testing/cgroup-scenario.js';
import { openHostProc } from './proc.js';
import { isAlive, killAndWait, openProcess, processStat, waitReadable } from './process.js';

const context = kernelContext();
const script = fileURLToPath(new URL('../testing/recycled-pid.ts', import.meta.url));
const canChoosePids = existsSync('/proc/sys/kernel/ns_last_pid');

it('looks at this very process and sees it', () => {
  using proc = openHostProc(context);
  const stat = processStat(context, proc, process.pid);
  expect(stat?.startTime).toMatch(/^\d+$/);
  expect(isAlive(context, proc, process.pid, stat?.startTime ?? '')).toBe(true);
});

it('kills by a descriptor, and waits for the end', async () => {
  using proc = openHostProc(context);
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const { startTime } = processStat(context, proc, child.pid!)!;
  using fd = openProcess(context, proc, child.pid!, startTime)!;
  expect(waitReadable(context, [fd.number], 0)).toEqual([]);
  const ended = once(child, 'exit');
  expect(killAndWait(context, fd, 20_000)).toBe(true);
  expect((await ended)[1]).toBe('SIGKILL');
  expect(openProcess(context, proc, child.pid!, startTime)).toBeNull();
});

describeAsRoot('a pid that has gone to another process', () => {
  it.skipIf(!canChoosePids)('does not stand for the first one', () => {
    const tsx = import.meta.resolve('tsx');
    const node = [process.execPath, '--import', tsx, script];
    const args = ['--pid', '--fork', '--kill-child', '--mount-proc', ...node];
    const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 50_000 });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      samePid: true,
      before: true,
      after: false,
      opened: false,
      other: true,
    });
  });
});
