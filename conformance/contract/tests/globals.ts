import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readReport } from '../../probe/report.js';
import { notRoot, root, systemd } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { failsWith, running } from '../help.js';

export const globalTests = subject('engine-globals', (test) => {
  test(
    'root',
    'A container is known where it was made, and nowhere else',
    { proves: ['command-line/root'] },
    async (trial) => {
      const container = await running(trial);
      ok(readdirSync(trial.root).includes(container.id));
      await fails(trial.bare(['--root', trial.folderFor('other'), 'state', container.id]));
      await succeeds(trial.bare([`--root=${trial.root}`, 'state', container.id]));
    },
  );

  test(
    'relative-root',
    'A relative --root is the same directory for commands that run elsewhere',
    { proves: ['command-line/root'] },
    async (trial) => {
      const container = trial.container();
      const words = ['--root', './state', ...container.words('create')];
      await succeeds(trial.bare(words, { cwd: trial.folder }));
      equal(await container.status(), 'created');
      const elsewhere = ['--root', '../state', 'delete', '--force', container.id];
      await succeeds(trial.bare(elsewhere, { cwd: trial.folderFor('below') }));
      await trial.expectNothingLeft();
    },
  );

  for (const [slug, path] of [
    ['plain', '/'],
    ['dots', '/../.'],
  ] as const)
    test(
      `root-of-all-${slug}`,
      `--root ${path} is refused`,
      { proves: ['command-line/root-of-all'] },
      (trial) =>
        failsWith(
          trial.bare(['--root', path, 'list']),
          1,
          /Option --root argument should not be set to \//,
        ).then(),
    );

  test(
    'default-root',
    'Without --root containers can be listed',
    { proves: ['command-line/default-root'], needs: [root] },
    async (trial) => {
      await succeeds(trial.bare(['list', '--quiet']));
    },
  );

  test(
    'rootless-root',
    'The state of a user without privileges is below XDG_RUNTIME_DIR: 0700 and sticky',
    { proves: ['command-line/rootless-root'], needs: [notRoot] },
    async (trial) => {
      const home = trial.folderFor('home');
      const container = trial.container();
      const options = { env: { XDG_RUNTIME_DIR: home } };
      await succeeds(trial.bare(container.words('create'), options));
      const [name = ''] = readdirSync(home);
      const mode = statSync(join(home, name)).mode & 0o7777;
      const { stdout } = await trial.bare(['list', '--quiet'], options);
      await succeeds(trial.bare(['delete', '--force', container.id], options));
      deepEqual([stdout, mode.toString(8)], [`${container.id}\n`, '1700']);
    },
  );

  test(
    'no-runtime-dir',
    'Without XDG_RUNTIME_DIR there are a version, a configuration and, with --root, containers',
    { proves: ['command-line/no-runtime-dir'], needs: [notRoot] },
    async (trial) => {
      for (const words of [['--version'], ['spec', '--rootless']])
        await succeeds(trial.bare(words));
      const container = await running(trial);
      equal(await container.status(), 'running');
    },
  );

  test(
    'log-format',
    'Another --log-format than text and json is refused',
    { proves: ['command-line/log-format'] },
    async (trial) => {
      const finished = await fails(trial.bare(['--log-format', 'xml', 'list']));
      equal(finished.status, 1);
      match(finished.stderr, /invalid log-format: xml/);
    },
  );

  test(
    'debug',
    '--debug logs more than the failure',
    { proves: ['command-line/debug'] },
    async (trial) => {
      const log = trial.file('log');
      const words = ['--debug', '--log', log, '--log-format', 'json'];
      const { id } = trial.container(({ process }) => {
        process.args = ['/nowhere'];
      });
      const container = ['create', '--bundle', join(trial.folder, id), id];
      await fails(trial.runtime(...words, ...container));
      const levels = readFileSync(log, 'utf8').match(/"level": ?"\w+"/g) ?? [];
      ok(levels.length > 1, 'there is one record alone');
      ok(
        levels.some((each) => each.includes('debug')),
        'no record is of level debug',
      );
    },
  );

  test(
    'systemd-cgroup',
    'With --systemd-cgroup the container is in the scope that its path names',
    { proves: ['command-line/systemd-cgroup'], needs: [root, systemd] },
    async (trial) => {
      const container = trial.container();
      const { linux, process } = container.config;
      linux.cgroupsPath = `system.slice:engine:${container.id}`;
      process.args = ['/probe', 'wait'];
      container.write();
      await succeeds(trial.runtime('--systemd-cgroup', ...container.words('create')));
      const cgroup = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8');
      // With v2 some give the scope to a cgroup of theirs below it.
      match(cgroup, new RegExp(`/system\\.slice/engine-${container.id}\\.scope(/\\S+)?$`, 'm'));
    },
  );

  for (const value of ['true', 'false', 'auto'])
    test(
      `rootless-${value}`,
      `--rootless ${value} is taken`,
      // Who cannot make cgroups needs to be forgiven.
      { proves: ['command-line/rootless'], needs: value === 'false' ? [root] : [] },
      async (trial) => {
        const container = trial.container();
        await succeeds(trial.runtime('--rootless', value, ...container.words('create')));
        await succeeds(trial.runtime(`--rootless=${value}`, 'state', container.id));
      },
    );

  test(
    'rootless-other',
    'Another value of --rootless is refused',
    { proves: ['command-line/rootless'] },
    async (trial) => {
      const words = trial.container().words('create');
      equal((await fails(trial.runtime('--rootless=perhaps', ...words))).status, 1);
      await trial.expectNothingLeft();
    },
  );

  for (const flag of ['--version', '-v'])
    test(
      `version${flag.replaceAll('-', '')}`,
      `${flag} prints name and version, commit and specification, and nothing on the error output`,
      { proves: ['command-line/version', 'logging/silent'] },
      async (trial) => {
        const { status, stdout, stderr } = await trial.bare([flag]);
        deepEqual([status, stderr], [0, '']);
        const [version = '', commit = '', spec = ''] = stdout.split('\n');
        match(version, /^\S+ version \d+\.\d+\.\d+\S*$/);
        match(commit, /^commit: \S+$/);
        match(spec, /^spec: \d+\.\d+\.\d+\S*$/);
      },
    );

  test(
    'environment',
    'The container has the environment of its configuration, and nothing of the caller’s',
    { proves: ['command-line/environment'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.env = ['A=1'];
      });
      const env = { SECRET: 'x', HOME: '/secret', TERM: 'secret', LISTEN_FDNAMES: 'secret' };
      const made = await succeeds(trial.with({ env }, ...container.words('create')));
      await succeeds(container.start());
      await container.ended();
      const report = readReport(made.running.stdout());
      deepEqual(
        report.env.filter((each) => !each.startsWith('HOME=')),
        ['A=1'],
      );
    },
  );
});
