import { deepEqual, equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { startCall } from '../lib/call.js';
import type { Config } from '../lib/config.js';
import { until } from '../lib/until.js';
import { probe } from '../probe/program.js';
import { type Report, readReport } from '../probe/report.js';
import { subject } from '../runner/test.js';
import { succeeds, type Trial } from '../runner/trial.js';

/** Somebody who takes the terminal, as runtimes hand it over to their callers. */
async function listener(trial: Trial) {
  // A relative path: the address of a socket has little room.
  const receiver = startCall(trial.folder, [probe(), 'console', 'console.sock']);
  await until('somebody listens', () => receiver.stdout() === 'listening\n');
  return { receiver, path: join(trial.folder, 'console.sock') };
}

/** What the probe says on a terminal, and how many descriptors came with it. */
async function onTerminal(
  trial: Trial,
  change: (config: Config) => void = () => {},
): Promise<{ report: Report; sent: number | undefined }> {
  const container = trial.container((config) => {
    config.process.terminal = true;
    config.process.args = ['/probe', 'window'];
    change(config);
  });
  const { receiver, path } = await listener(trial);
  await container.started('--console-socket', path);
  const { stdout } = await receiver.ended();
  await container.ended();
  await succeeds(container.delete());
  const [result] = readReport(stdout.replace('listening\n', '')).results;
  if (typeof result?.text !== 'string') throw new Error(`nothing came: ${stdout}`);
  return { report: readReport(result.text), sent: result.value };
}

const proves = ['runtime/lifecycle/13', 'runtime/start/3'];
const standard = ({ fds }: Report) => fds.filter(({ fd }) => fd < 3);

export const terminalTests = subject('terminal', (test) => {
  test(
    'streams',
    'With terminal the standard streams are one terminal, which one descriptor leads to',
    { proves },
    async (trial) => {
      const { report, sent } = await onTerminal(trial);
      equal(sent, 1, 'descriptors that came to the console socket');
      deepEqual(
        report.fds.map(({ fd, terminal }) => [fd, terminal]),
        [0, 1, 2].map((fd) => [fd, 1]),
      );
      equal(new Set(report.fds.map(({ inode }) => inode)).size, 1);
    },
  );

  for (const terminal of [false, undefined])
    test(
      `none-${terminal ?? 'unset'}`,
      `The standard streams are those of the runtime if terminal is ${terminal ?? 'not set'}`,
      { proves },
      async (trial) => {
        const report = await trial.look(({ process }) => {
          if (terminal !== undefined) process.terminal = terminal;
        });
        deepEqual(
          standard(report).map(({ type, terminal }) => [type, terminal]),
          [
            ['character', 0],
            ['file', 0],
            ['file', 0],
          ],
        );
      },
    );

  for (const [height, width] of [
    [24, 80],
    [7, 131],
    [600, 1000],
  ] as const)
    test(
      `size-${height}-${width}`,
      `The terminal has the size of the configuration: ${height} rows of ${width}`,
      { proves },
      async (trial) => {
        const { report } = await onTerminal(trial, ({ process }) => {
          process.consoleSize = { height, width };
        });
        deepEqual(report.results, [{ operation: 'window', rows: height, columns: width }]);
      },
    );

  for (const terminal of [false, undefined])
    test(
      `size-without-terminal-${terminal ?? 'unset'}`,
      `consoleSize means nothing if terminal is ${terminal ?? 'not set'}`,
      { proves: ['config/process/1'] },
      async (trial) => {
        const report = await trial.look(({ process }) => {
          process.consoleSize = { height: 7, width: 131 };
          if (terminal !== undefined) process.terminal = terminal;
        });
        ok(standard(report).every((fd) => fd.terminal === 0));
      },
    );

  test(
    'size-without-terminal-large',
    'consoleSize means nothing if there is no terminal, even if no terminal could have it',
    { proves: ['config/process/1'] },
    async (trial) => {
      const report = await trial.look(({ process }) => {
        process.consoleSize = { height: 100_000, width: 4_000_000_000 };
      });
      ok(standard(report).every((fd) => fd.terminal === 0));
    },
  );
});
