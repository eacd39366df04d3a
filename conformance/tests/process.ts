import { deepEqual, equal } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { subject } from '../runner/test.js';
import { inUtf8, neverStarts } from './support/process.js';

const proves = ['runtime/lifecycle/13', 'runtime/start/3'];
/** The probe reads what has such a name, so that it may have any argument. */
const odd = ['a b', '', '*', '$HOME', '"\'\\', 'é\u4e2d', 'two\nlines', '--help', 'x'.repeat(5000)];

export const processTests = subject('process', (test) => {
  test('args', 'The process has the arguments of the configuration', { proves }, async (trial) => {
    const args = ['/probe', ...odd.flatMap((argument) => ['read', argument])];
    const report = await trial.look((config) => {
      config.process.args = args;
    });
    deepEqual(report.argv.map(inUtf8), args);
  });

  test(
    'args-searched',
    'A program without a slash is looked up in the PATH of the process',
    { proves },
    async (trial) => {
      const report = await trial.look((config, { rootfs }) => {
        mkdirSync(join(rootfs, 'etc/probe'));
        config.process.args = ['probe'];
        config.process.env = ['PATH=/nowhere:/etc:/'];
      });
      deepEqual(report.argv, ['probe']);
    },
  );

  test(
    'args-empty',
    'A process without a program is an error',
    { proves: ['config/valid-values/1'] },
    async (trial) => {
      await neverStarts(trial, (config) => {
        config.process.args = [];
      });
    },
  );

  const programs: readonly (readonly [string, string])[] = [
    ['missing', '/nothing'],
    ['folder', '/tmp'],
    ['not-executable', '/etc/text'],
  ];
  for (const [name, path] of programs)
    test(
      `program-${name}`,
      `A program that cannot be executed is an error: ${name}`,
      { proves },
      async (trial) => {
        await neverStarts(trial, (config, { rootfs }) => {
          writeFileSync(join(rootfs, 'etc/text'), 'not a program');
          config.process.args = [path];
        });
      },
    );

  test(
    'env',
    'The process has the environment of the configuration, in its order',
    { proves },
    async (trial) => {
      const env = ['PATH=/bin', 'EMPTY=', 'SPACE=a b', 'TEXT=é\u4e2d', 'LINES=1\n2', 'EQUAL=a=b'];
      const { env: seen } = await trial.look((config) => {
        config.process.env = [...env];
        // Whoever adds one where it is missing is seen elsewhere.
        config.process.env.push('HOME=/somewhere');
      });
      deepEqual(seen.map(inUtf8), [...env, 'HOME=/somewhere']);
    },
  );

  test(
    'env-nothing-more',
    'Nothing of the environment of the runtime reaches the process',
    { proves },
    async (trial) => {
      const container = trial.container((config) => {
        config.process.env = ['ONE=1'];
      });
      const options = { env: { OF_THE_CALLER: '1' } };
      const created = await trial.with(options, ...container.words('create'));
      equal(created.status, 0, created.stderr);
      const started = await trial.with(options, 'start', container.id);
      equal(started.status, 0, started.stderr);
      await container.ended();
      const { env } = JSON.parse(created.running.stdout());
      // HOME is what some runtimes add for programs that do not live without it.
      deepEqual(
        env.filter((each: string) => !each.startsWith('HOME=')),
        ['ONE=1'],
      );
    },
  );

  for (const cwd of ['/', '/tmp', '/tmp/deep/below'])
    test(
      `cwd${cwd.replaceAll('/', '-')}`,
      `The process works in ${cwd}`,
      { proves },
      async (trial) => {
        const report = await trial.look((config, { rootfs }) => {
          mkdirSync(join(rootfs, 'tmp/deep/below'), { recursive: true });
          config.process.cwd = cwd;
        });
        equal(report.cwd, cwd);
      },
    );

  const wrong: readonly (readonly [slug: string, title: string, cwd: string | undefined])[] = [
    ['relative', 'A working directory that is not absolute', 'tmp'],
    ['dot', 'A working directory that starts with a dot', './tmp'],
    ['empty', 'A working directory that is empty', ''],
    ['missing', 'No working directory', undefined],
  ];
  for (const [slug, title, cwd] of wrong)
    test(`cwd-${slug}`, `${title} is an error`, { proves: ['config/process/2'] }, async (trial) => {
      await neverStarts(trial, (config) => {
        Object.assign(config.process, { cwd });
      });
    });

  test(
    'descriptors',
    'The process has its standard streams and no other descriptor',
    { proves },
    async (trial) => {
      const { fds } = await trial.look();
      deepEqual(
        fds.map(({ fd }) => fd),
        [0, 1, 2],
      );
    },
  );

  for (const asked of [true, false, undefined])
    test(
      `no-new-privileges-${asked ?? 'unset'}`,
      `noNewPrivileges: ${asked ?? 'not set'}`,
      { proves },
      async (trial) => {
        const { status } = await trial.look(({ process }) => {
          if (asked === undefined) delete (process as Partial<typeof process>).noNewPrivileges;
          else process.noNewPrivileges = asked;
        });
        equal(status.NoNewPrivs, asked ? '1' : '0');
      },
    );
});
