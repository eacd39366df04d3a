import { beforeEach, expect, test, vi } from 'vitest';
import { startContainer } from '../runtime/start.js';
import { type Caller, fakeEngine } from '../testing/cli-engine.js';
import { main } from './cli.js';
import { actions } from './commands/actions.js';
import { logSettings } from './settings.js';

vi.mock('../runtime/start.js', () => ({ startContainer: vi.fn() }));
vi.mock('../generated/build-info.js', () => ({ version: '1.2.3', commit: 'abc' }));

beforeEach(() => vi.resetAllMocks());

/** The context that `start` is given. */
function settings(globals: readonly string[], caller: Partial<Caller> = {}) {
  const fake = fakeEngine({ argv: [...globals, 'start', 'web'], ...caller });
  const status = main(fake.engine, actions);
  const context = vi.mocked(startContainer).mock.calls[0]?.[0];
  return { ...context, status, err: fake.written(2), calls: fake.calls };
}

const xdg = 'XDG_RUNTIME_DIR=/run/user/1000';
const inFirstNamespace = { '/proc/self/uid_map': '         0          0 4294967295\n' };
const inUserNamespace = { '/proc/self/uid_map': '         0       1000          1\n' };

test('the superuser keeps state in /run', () => {
  const caller = { environment: [xdg], files: inFirstNamespace };
  expect(settings([], caller)).toMatchObject({ root: '/run/runts', rootGiven: false });
});

test('without XDG_RUNTIME_DIR everybody keeps state in /run', () => {
  expect(settings([], { euid: 1000 })).toMatchObject({ root: '/run/runts', rootGiven: false });
  vi.resetAllMocks();
  expect(settings([], { euid: 1000, environment: ['XDG_RUNTIME_DIR='] }).root).toBe('/run/runts');
});

test('other users keep state in XDG_RUNTIME_DIR, in a sticky directory', () => {
  const modes: number[] = [];
  const { root, rootGiven, calls } = settings([], {
    euid: 1000,
    environment: ['A=b', xdg],
    natives: {
      mkdirat: (_dir, _path, mode) => modes.push(mode) * 0,
      fchmod: (_fd, mode) => modes.push(mode) * 0,
    },
  });
  expect([root, rootGiven]).toEqual(['/run/user/1000/runts', false]);
  expect(calls).toContain('mkdirat /run/user/1000/runts');
  expect(modes).toEqual([0o700, 0o1700]);
});

test('a directory that exists already is as good', () => {
  const natives = { mkdirat: () => -17 };
  expect(settings([], { euid: 1000, environment: [xdg], natives }).status).toBe(0);
});

test('a directory that cannot be made is an error', () => {
  const natives = { mkdirat: () => -30 };
  const { status, err } = settings([], { euid: 1000, environment: [xdg], natives });
  expect(status).toBe(1);
  expect(err).toContain('prepare the state root in $XDG_RUNTIME_DIR: mkdirat(');
});

test.each([
  [[], inUserNamespace, '/run/user/1000/runts'],
  [['USER=me'], inUserNamespace, '/run/user/1000/runts'],
  [['USER=root'], inUserNamespace, '/run/runts'],
  [['USER=me'], inFirstNamespace, '/run/runts'],
])('id 0 with environment %j and map %j keeps state in %s', (environment, files, root) => {
  expect(settings([], { environment: [...environment, xdg], files }).root).toBe(root);
});

test.each([
  ['/r', '/r'],
  ['/a/../r/./', '/r'],
  ['r', '/home/me/r'],
  ['../r', '/home/r'],
])('--root %s is %s', (given, root) => {
  expect(settings(['--root', given])).toMatchObject({ root, rootGiven: true });
});

test.each(['/', '//', '/..', '/a/..', '../..'])('--root %s is refused', (given) => {
  const { status, err } = settings(['--root', given]);
  expect(status).toBe(1);
  expect(err).toContain('Option --root argument should not be set to /');
});

test('an empty --root is none', () => {
  expect(settings(['--root='])).toMatchObject({ root: '/run/runts', rootGiven: false });
});

test.each([
  [[], 'auto'],
  [['--rootless', 'auto'], 'auto'],
  [['--rootless=true'], 'true'],
  [['--rootless=1'], 'true'],
  [['--rootless=False'], 'false'],
])('%j means rootless %s', (argv, rootless) => {
  expect(settings(argv).rootless).toBe(rootless);
});

test('another word for rootless is refused', () => {
  expect(settings(['--rootless=maybe']).err).toContain(
    'invalid value \\"maybe\\" for flag -rootless: must be true or false',
  );
});

test.each([
  [[], 'cgroupfs'],
  [['--systemd-cgroup=false'], 'cgroupfs'],
  [['--cgroup-manager', 'disabled'], 'disabled'],
  [['--cgroup-manager', 'systemd'], 'systemd'],
  [['--systemd-cgroup'], 'systemd'],
  [['--systemd-cgroup', '--cgroup-manager=cgroupfs'], 'systemd'],
])('with %j cgroups are made by %s', (argv, manager) => {
  expect(settings(argv).cgroupManager).toBe(manager);
});

test('another cgroup manager is refused', () => {
  expect(settings(['--cgroup-manager', 'x']).err).toContain(
    'must be cgroupfs, systemd or disabled',
  );
});

test.each([
  [{}, { path: undefined, format: 'text', level: 'warning' }],
  [{ log: '/l' }, { path: '/l', format: 'text', level: 'error' }],
  [{ log: 'file:/l' }, { path: '/l', format: 'text', level: 'error' }],
  [{ log: '' }, { path: undefined, format: 'text', level: 'warning' }],
  [
    { log: '/l', debug: true },
    { path: '/l', format: 'text', level: 'debug' },
  ],
  [
    { log: '/l', debug: false },
    { path: '/l', format: 'text', level: 'error' },
  ],
  [
    { log: '/l', logLevel: 'info' },
    { path: '/l', format: 'text', level: 'info' },
  ],
  [
    { logLevel: 'error', debug: true },
    { path: undefined, format: 'text', level: 'debug' },
  ],
  [{ logFormat: 'json' }, { path: undefined, format: 'json', level: 'warning' }],
])('%j logs as %j', (globals, expected) => {
  expect(logSettings(globals)).toEqual(expected);
});

test('an unknown log level is refused', () => {
  expect(() => logSettings({ logLevel: 'trace' })).toThrow(
    'invalid value "trace" for flag -log-level: must be error, warning, info or debug',
  );
});
