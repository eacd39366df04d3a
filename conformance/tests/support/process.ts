/** What tests of the container's process have in common. */
import { type Finished, type Running, startCall } from '../../lib/call.js';
import type { Container, Prepare } from '../../lib/container.js';
import { type Report, readReport } from '../../probe/report.js';
import { succeeds, type Trial } from '../../runner/trial.js';

/** The probe tells bytes as characters. */
export const inUtf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

/** What is wrong with a process may be found out by `create` or by `start`; answers what they said. */
export async function neverStarts(trial: Trial, prepare: Prepare): Promise<string> {
  const container = trial.container(prepare);
  const created = await container.create();
  const failed = created.status === 0 ? await container.start() : created;
  if (failed.status === 0) throw new Error('create and start have succeeded, but one must fail');
  if (container.output() !== '') throw new Error('the process has run');
  if (failed === created) await trial.expectNothingLeft();
  return failed.stderr;
}

/** A command of the runtime, started by a shell that has done something with itself before. */
export function fromShell(trial: Trial, script: string, args: readonly string[]): Running {
  const words = [...trial.engine.command, '--root', trial.root, ...args];
  return startCall(trial.folder, ['/bin/sh', '-c', `${script}; exec "$@"`, 'sh', ...words]);
}

/** What the probe sees in a container whose creator has done something with itself before. */
export async function lookFromShell(
  trial: Trial,
  script: string,
  prepare: Prepare = () => {},
): Promise<Report> {
  const container = trial.container(prepare);
  const created = fromShell(trial, script, container.words('create'));
  await succeeds(created.ended());
  await succeeds(fromShell(trial, script, ['start', container.id]).ended());
  await container.ended();
  await succeeds(container.delete());
  return readReport(created.stdout());
}

/** Creates, starts and deletes; answers what `create` and `start` have said, too. */
export async function lookAndListen(
  trial: Trial,
  prepare: Prepare,
): Promise<{ report: Report; said: string }> {
  const container: Container = trial.container(prepare);
  const calls: Finished[] = [await succeeds(container.create()), await succeeds(container.start())];
  await container.ended();
  await succeeds(container.delete());
  return {
    report: readReport(container.output()),
    said: calls.map(({ stderr }) => stderr).join(''),
  };
}
