/**
 * The first process of a pid namespace, hence the one that can choose pids: a process ends, another
 * gets its pid, and what is seen of the first one is printed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { openHostProc } from '../host/proc.js';
import { isAlive, openProcess, processStat } from '../host/process.js';
import { kernelContext } from './cgroup-scenario.js';

const context = kernelContext();
using proc = openHostProc(context);

async function start(): Promise<{ child: ChildProcess; pid: number; startTime: string }> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  return { child, pid, startTime: processStat(context, proc, pid)?.startTime ?? '' };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Another process with that pid, which began in another tick of the clock. */
async function reuse(pid: number, startTime: string) {
  for (let tries = 0; tries < 1000; tries++) {
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
    const next = await start();
    if (next.pid === pid && next.startTime !== startTime) return next;
    await end(next.child);
  }
  throw new Error('no other process would take that pid');
}

const first = await start();
const before = isAlive(context, proc, first.pid, first.startTime);
await end(first.child);
const second = await reuse(first.pid, first.startTime);
using old = openProcess(context, proc, first.pid, first.startTime);
using fresh = openProcess(context, proc, second.pid, second.startTime);
const seen = {
  samePid: second.pid === first.pid,
  before,
  after: isAlive(context, proc, first.pid, first.startTime),
  opened: old !== null,
  other: fresh !== null,
};
await end(second.child);
console.log(JSON.stringify(seen));
