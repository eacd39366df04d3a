import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { closeSync, fstatSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type CallOptions, startCall } from '../../lib/call.js';
import { type Report, readReport } from '../../probe/report.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { around, running, written } from '../help.js';

/** What a container sees that writes its report into a file; made by a call that tells how. */
async function seen(
  trial: Trial,
  operations: readonly string[],
  flags: readonly string[] = [],
  options: CallOptions = {},
): Promise<Report> {
  const container = trial.container(({ process }) => {
    process.args = ['/probe', 'to', '/tmp/report'];
  });
  const words = around(trial, operations, container.words('create', ...flags));
  // Without an operation there is no probe around it.
  const command = operations.length === 0 ? words.slice(1) : words;
  await succeeds(startCall(trial.folder, command, options).ended());
  await succeeds(container.start());
  await container.ended();
  return readReport(written(container, 'report'));
}

/** Files that a caller has open, and what is done with them. */
async function withFiles<T>(
  trial: Trial,
  count: number,
  act: (extraFds: number[], inodes: number[]) => Promise<T>,
): Promise<T> {
  const all = Array.from({ length: count }, (_, i) => openSync(trial.file(`file-${i}`), 'w+'));
  const inodes = all.map((fd) => fstatSync(fd).ino);
  return act(all, inodes).finally(() => {
    for (const fd of all) closeSync(fd);
  });
}

const numbersOf = ({ fds }: Report): number[] => fds.map(({ fd }) => fd);
const inodesOf = ({ fds }: Report): number[] => fds.slice(3).map(({ inode }) => inode);
const listening = ({ env }: Report): string[] =>
  env.filter((each) => each.startsWith('LISTEN')).sort();

export const descriptorTests = subject('engine-descriptors', (test) => {
  test(
    'standard',
    'The container has the very files that create was given as 0, 1 and 2',
    { proves: ['protocols/standard-streams', 'protocols/no-others'] },
    async (trial) => {
      writeFileSync(trial.file('input'), '');
      const stdin = openSync(trial.file('input'), 'r');
      const container = trial.container();
      const { running: call } = await succeeds(
        trial.with({ stdin }, ...container.words('create')),
      ).finally(() => closeSync(stdin));
      await succeeds(container.start());
      await container.ended();
      const report = readReport(call.stdout());
      deepEqual(
        report.fds.map(({ inode }) => inode),
        [trial.file('input'), call.stdoutFile, call.stderrFile].map((path) => statSync(path).ino),
      );
    },
  );

  test(
    'others',
    'Other descriptors that create inherits do not reach the container',
    { proves: ['protocols/no-others'] },
    async (trial) => {
      const report = await withFiles(trial, 3, (extraFds) => seen(trial, [], [], { extraFds }));
      deepEqual(numbersOf(report), [0, 1, 2]);
    },
  );

  test(
    'others-exec',
    'Nor do those that exec inherits, and the runtime’s own',
    { proves: ['protocols/no-others'] },
    async (trial) => {
      const container = await running(trial);
      await withFiles(trial, 3, async (extraFds) => {
        const { stdout } = await trial.with({ extraFds }, ...container.execWords([], '/probe'));
        deepEqual(numbersOf(readReport(stdout)), [0, 1, 2]);
      });
    },
  );

  for (const [slug, digits] of [
    ['input', '0'],
    ['output', '1'],
    ['both', '01'],
    ['all', '012'],
  ] as const)
    test(
      `closed-${slug}`,
      `create works with ${[...digits].join(' and ')} closed`,
      { proves: ['protocols/closed'] },
      async (trial) => {
        const { fds } = await seen(trial, ['without', digits]);
        ok(fds.every(({ fd }) => fd <= 2));
      },
    );

  test(
    'preserved',
    '--preserve-fds 2 passes on 3 and 4 and no more',
    { proves: ['protocols/preserved', 'protocols/no-others'] },
    (trial) =>
      withFiles(trial, 3, async (extraFds, inodes) => {
        const report = await seen(trial, [], ['--preserve-fds', '2'], { extraFds });
        deepEqual([numbersOf(report), inodesOf(report)], [[0, 1, 2, 3, 4], inodes.slice(0, 2)]);
      }),
  );

  test(
    'preserved-exec',
    'exec --preserve-fds 1 passes on 3 and no more',
    { proves: ['protocols/preserved'] },
    async (trial) => {
      const container = await running(trial);
      await withFiles(trial, 2, async (extraFds, inodes) => {
        const words = container.execWords(['--preserve-fds', '1'], '/probe');
        const report = readReport((await trial.with({ extraFds }, ...words)).stdout);
        deepEqual([numbersOf(report), inodesOf(report)], [[0, 1, 2, 3], inodes.slice(0, 1)]);
      });
    },
  );

  test(
    'preserved-missing',
    'A descriptor to be passed on that is not open fails create',
    { proves: ['protocols/preserved-missing'] },
    async (trial) => {
      equal((await fails(trial.container().create('--preserve-fds', '500'))).status, 1);
      await trial.expectNothingLeft();
    },
  );

  test(
    'listen-fds',
    'Descriptors of a service manager come as 3 and 4, with LISTEN_FDS and LISTEN_PID',
    { proves: ['protocols/listen-fds'] },
    (trial) =>
      withFiles(trial, 3, async (extraFds, inodes) => {
        const report = await seen(trial, ['activate', '2'], [], { extraFds });
        deepEqual([numbersOf(report), inodesOf(report)], [[0, 1, 2, 3, 4], inodes.slice(0, 2)]);
        deepEqual(listening(report), ['LISTEN_FDS=2', 'LISTEN_PID=1']);
      }),
  );

  test(
    'listen-and-preserved',
    'Those that are preserved come after those of a service manager',
    { proves: ['protocols/listen-fds', 'protocols/preserved'] },
    (trial) =>
      withFiles(trial, 3, async (extraFds, inodes) => {
        const report = await seen(trial, ['activate', '1'], ['--preserve-fds', '1'], { extraFds });
        deepEqual([numbersOf(report), inodesOf(report)], [[0, 1, 2, 3, 4], inodes.slice(0, 2)]);
        equal(listening(report)[0], 'LISTEN_FDS=1');
      }),
  );

  test(
    'listen-pid',
    'Descriptors that are meant for another process do not reach the container',
    { proves: ['protocols/listen-pid'] },
    (trial) =>
      withFiles(trial, 1, async (extraFds) => {
        const env = { LISTEN_FDS: '1', LISTEN_PID: '1' };
        const report = await seen(trial, [], [], { extraFds, env });
        deepEqual([numbersOf(report), listening(report)], [[0, 1, 2], []]);
      }),
  );
});

export const pidFileTests = subject('engine-pid-file', (test) => {
  for (const [verb, flags] of [
    ['create', []],
    ['run', ['--detach']],
  ] as const)
    test(
      verb,
      `The pid file of ${verb} has the pid in digits alone`,
      { proves: ['protocols/pid-file', 'protocols/pid-file-time'] },
      async (trial) => {
        const container = trial.container(({ process }) => {
          process.args = ['/probe', 'wait'];
        });
        await succeeds(container.runtime(verb, ...flags));
        const text = readFileSync(container.pidFile, 'utf8');
        match(text, /^[1-9]\d*$/);
        equal(text, String((await container.query()).pid));
        match(readFileSync(`/proc/${text}/status`, 'utf8'), /^NSpid:\t.*\t1$/m);
      },
    );

  test(
    'replaced',
    'A pid file that is there is replaced by another file, not written into',
    { proves: ['protocols/pid-file-whole'] },
    async (trial) => {
      const container = trial.container();
      writeFileSync(container.pidFile, 'x'.repeat(100));
      const before = openSync(container.pidFile, 'r');
      await succeeds(container.create());
      const kept = readFileSync(before, 'utf8');
      closeSync(before);
      match(readFileSync(container.pidFile, 'utf8'), /^\d+$/);
      equal(kept, 'x'.repeat(100));
    },
  );

  test(
    'failed',
    'After a failure there is no pid file',
    { proves: ['protocols/pid-file-time'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.args = ['/nowhere'];
      });
      await fails(container.create());
      ok(!container.hasPidFile());
    },
  );
});
