/** What tests of the contract share. */
import { notEqual } from 'node:assert/strict';
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { call, type Finished, startCall } from '../lib/call.js';
import type { Container, Prepare } from '../lib/container.js';
import { processesWith } from '../lib/machine.js';
import { until } from '../lib/until.js';
import { probe } from '../probe/program.js';
import { type Report, readReport } from '../probe/report.js';
import { succeeds, type Trial } from '../runner/trial.js';

const quoted = /\bmsg=("(?:[^"\\]|\\.)*"|\S+)/g;

/** What the last record of text says; all of it, if there are no records. */
export function messageIn(log: string): string {
  const found = [...log.matchAll(quoted)].at(-1)?.[1];
  if (found === undefined) return log;
  return found.startsWith('"') ? JSON.parse(found) : found;
}

/** A command has to fail in this way: its exit status, and what it says. */
export async function failsWith(
  command: Promise<Finished>,
  status: number,
  says: RegExp,
): Promise<string> {
  const finished = await command;
  const message = messageIn(finished.stderr);
  if (finished.status !== status)
    throw new Error(
      `exit status ${finished.status ?? finished.signal} instead of ${status}: ${message}`,
    );
  if (!says.test(message)) throw new Error(`says ${JSON.stringify(message)}, not ${says}`);
  return message;
}

/** A running container that has told what it sees. */
export async function running(trial: Trial, prepare?: Prepare): Promise<Container> {
  const container = await trial.probing(['wait'], prepare);
  await container.wrote('\n');
  return container;
}

/** One that waits for its start. */
export async function created(trial: Trial, prepare?: Prepare): Promise<Container> {
  const container = trial.container(prepare);
  await container.created();
  return container;
}

/** One whose process has ended. */
export async function stopped(trial: Trial, prepare?: Prepare): Promise<Container> {
  const container = await trial.probing(['exit', '0'], prepare);
  await container.ended();
  return container;
}

/** What a probe sees that `exec` runs, by its options. */
export async function executed(
  container: Container,
  options: readonly string[],
  ...operations: readonly string[]
): Promise<Report> {
  const { stdout } = await succeeds(container.exec(options, '/probe', ...operations));
  return readReport(stdout);
}

/** What a probe on the host's side tells that listens while something is done. */
export async function listening(
  trial: Trial,
  operations: (path: string) => readonly string[],
  act: (path: string) => Promise<void>,
): Promise<Report> {
  const path = trial.file(`socket-${Math.random().toString(36).slice(2, 8)}`);
  const listener = startCall(trial.folder, [probe(), ...operations(path)]);
  try {
    await until('somebody listens', () => existsSync(path));
    await act(path);
    const { stdout, stderr } = await listener.ended();
    notEqual(stdout, '', `the probe said nothing: ${stderr}`);
    return readReport(stdout);
  } finally {
    listener.child.kill('SIGKILL');
  }
}

/** What a service manager hears, in order, while something is done with its socket in the environment. */
export async function heardBy(
  trial: Trial,
  act: (env: { NOTIFY_SOCKET: string }) => Promise<void>,
) {
  const report = await listening(
    trial,
    (path) => ['datagrams', path],
    async (path) => {
      const env = { NOTIFY_SOCKET: path };
      await act(env);
      await succeeds(call(trial.folder, [probe(), 'notify', 'END'], { env }));
    },
  );
  return report.results[0]?.messages ?? [];
}

/** What exec says in a paused container: its exit status, if it ended before the container went on. */
export async function execWhilePaused(
  trial: Trial,
  container: Container,
): Promise<{ status: number | null; stderr: string }> {
  await succeeds(trial.runtime('pause', container.id));
  // One that is not refused would wait.
  const call = trial.start(container.execWords(['--detach'], '/probe', 'exit', '0'));
  const inside = () => processesWith(`${container.cgroup}\n`).length > 1;
  await until('it has ended or is inside', () => call.child.exitCode !== null || inside());
  const status = call.child.exitCode;
  await succeeds(trial.runtime('resume', container.id));
  return { status, stderr: (await call.ended()).stderr };
}

/** A file of the caller that a call passes on, as number and inode, and what its probe then has open. */
export async function passedOn(trial: Trial, words: readonly string[]) {
  const fd = openSync(trial.file('extra'), 'w+');
  try {
    const { ino } = fstatSync(fd);
    const { stdout } = await succeeds(trial.with({ extraFds: [fd] }, ...words));
    const open = readReport(stdout).fds.slice(3);
    return { given: [[3, ino]], seen: open.map(({ fd: number, inode }) => [number, inode]) };
  } finally {
    closeSync(fd);
  }
}

/** The size of the terminal that a probe has seen. */
export const windowIn = ({ results }: Report) =>
  results.find(({ operation }) => ['window', 'sized'].includes(operation));

/** A command of the runtime within a probe that does something before. */
export const around = (trial: Trial, operations: readonly string[], words: readonly string[]) => [
  probe(),
  ...operations,
  ...trial.engine.command,
  '--root',
  trial.root,
  ...words,
];

/** Below a container's /tmp, as the host sees it. */
export const written = ({ rootfs }: Container, name: string): string =>
  existsSync(`${rootfs}/tmp/${name}`) ? readFileSync(`${rootfs}/tmp/${name}`, 'utf8') : '';
