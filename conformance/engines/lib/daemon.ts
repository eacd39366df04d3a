import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { until } from '../../lib/until.js';

const graceful = 10_000;

/** An engine's daemon, ours alone: it ends with us. */
export interface Daemon {
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startDaemon(
  command: readonly string[],
  log: string,
  isReady: () => Promise<boolean>,
): Promise<Daemon> {
  const [program = '', ...args] = command;
  const output = openSync(log, 'a');
  const child = spawn(program, args, { stdio: ['ignore', output, output], cwd: '/' });
  closeSync(output);
  await until(`${program} answers`, async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${lastLines(log)}`);
    return (await isReady()) || setTimeout(50, false);
  }).catch(async (error) => {
    await stop(child);
    throw new Error(`${error}\n${lastLines(log)}`);
  });
  return { pid: child.pid ?? -1, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(graceful, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
  await Promise.race([end, timer.then(() => end)]);
}

const lastLines = (log: string): string =>
  readFileSync(log, 'utf8').split('\n').slice(-15).join('\n');
