/** Probes on the host: what keeps namespaces, sockets and devices for a test, and calls from within them. */
import { spawnSync } from 'node:child_process';
import { startCall } from '../lib/call.js';
import { sendSignal } from '../lib/send-signal.js';
import { until } from '../lib/until.js';
import { probe } from '../probe/program.js';
import { type Report, readReport } from '../probe/report.js';
import type { Trial } from './trial.js';

export interface Holder {
  readonly pid: number;
  readonly report: Report;
}

/** What a probe on the host reports that performs operations and ends. */
export function onHost(...operations: readonly string[]): Report {
  const { status, stdout, stderr } = spawnSync(probe(), operations, {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  if (status !== 0) throw new Error(`the probe on the host has ended with ${status}: ${stderr}`);
  return readReport(stdout);
}

function expectNoErrors({ results }: Report): void {
  const failed = results.find(({ errno }) => errno !== undefined);
  if (failed) throw new Error(`${failed.operation} on the host: errno ${failed.errno}`);
}

/** Lives with a probe on the host that has performed operations, `child` among them, and waits. */
export async function holding(
  trial: Trial,
  operations: readonly string[],
  act: (holder: Holder) => Promise<void>,
): Promise<void> {
  const { child, stdout } = startCall(trial.folder, [probe(), ...operations, 'wait']);
  const others: number[] = [];
  try {
    await until('the probe on the host has reported', () => stdout().endsWith('\n'));
    const report = readReport(stdout());
    const results = report.results.filter(({ operation }) => operation === 'child');
    others.push(...results.flatMap(({ value }) => value ?? []));
    expectNoErrors(report);
    await act({ pid: others[0] ?? child.pid!, report });
  } finally {
    for (const pid of others) sendSignal(pid, 'SIGKILL');
    child.kill('SIGKILL');
  }
}

/** The same runtime, called by a probe on the host that performs operations first. */
export async function calledAfter(
  trial: Trial,
  operations: readonly string[],
  act: (trial: Trial) => Promise<void>,
): Promise<void> {
  const command = [probe(), ...operations, 'become', ...trial.engine.command];
  await trial.calling(command, act);
}

/** A program that takes something over a socket while a test runs; answers its report. */
export async function listening(
  trial: Trial,
  operation: 'agent' | 'receive',
  act: (socket: string) => Promise<void>,
): Promise<Report> {
  const socket = trial.file('socket');
  const { child, stdout } = startCall(trial.folder, [probe(), operation, socket, 'wait']);
  try {
    await until('somebody listens', () => onHost('stat', socket).results[0]?.type === 'socket');
    await act(socket);
    await until('what was sent is told', () => stdout().endsWith('\n'));
    return readReport(stdout());
  } finally {
    child.kill('SIGKILL');
  }
}
