import { beforeEach, expect, test, vi } from 'vitest';
import { execInContainer } from '../../runtime/exec.js';
import { fakeEngine } from '../../testing/cli-engine.js';
import { main } from '../cli.js';
import { rows } from '../rows.js';
import { actions } from './actions.js';

vi.mock('../../runtime/exec.js', () => ({ execInContainer: vi.fn() }));

beforeEach(() => vi.resetAllMocks());

/** The status, and what the verb was told. */
function exec(...argv: readonly string[]) {
  vi.mocked(execInContainer).mockReturnValue(7);
  const fake = fakeEngine({ argv: ['exec', ...argv] });
  const status = main(fake.engine, actions);
  return { status, told: vi.mocked(execInContainer).mock.calls[0]?.[1], err: fake.written(2) };
}

const plain = {
  id: 'web',
  process: { args: ['ls'] },
  detach: false,
  preserveFds: 0,
  cgroups: [],
  ignorePaused: false,
};

test('a command alone is all that exec needs, and the exit code is its', () => {
  expect(exec('web', 'ls')).toMatchObject({ status: 7, told: plain });
  expect(exec('web', 'ls').told).toEqual(plain);
});

/** Each option by its name, with what the verb is told of it. */
const each: Readonly<Record<string, readonly [words: readonly string[], told: object]>> = {
  process: [['-p', 'p.json'], { process: '/home/me/p.json' }],
  'console-socket': [['--console-socket', 's'], { consoleSocket: '/home/me/s' }],
  'pidfd-socket': [['--pidfd-socket', '/s'], { pidfdSocket: '/s' }],
  'pid-file': [['--pid-file', 'pid'], { pidFile: '/home/me/pid' }],
  detach: [['-d'], { detach: true }],
  tty: [['-t'], { process: { args: ['ls'], terminal: true } }],
  cwd: [['--cwd', '/c'], { process: { args: ['ls'], cwd: '/c' } }],
  env: [['-e', 'A=1', '--env', 'B=2'], { process: { args: ['ls'], env: ['A=1', 'B=2'] } }],
  user: [['-u', '5:6'], { process: { args: ['ls'], user: { uid: 5, gid: 6 } } }],
  'additional-gids': [
    ['-g', '7', '-g', '8'],
    { process: { args: ['ls'], additionalGids: [7, 8] } },
  ],
  cap: [['-c', 'CAP_KILL'], { process: { args: ['ls'], capabilities: ['CAP_KILL'] } }],
  'process-label': [['--process-label', 'l'], { process: { args: ['ls'], selinuxLabel: 'l' } }],
  apparmor: [['--apparmor', 'p'], { process: { args: ['ls'], apparmorProfile: 'p' } }],
  'no-new-privs': [['--no-new-privs'], { process: { args: ['ls'], noNewPrivileges: true } }],
  'preserve-fds': [['--preserve-fds', '3'], { preserveFds: 3 }],
  cgroup: [['--cgroup', 'a', '--cgroup=b'], { cgroups: ['a', 'b'] }],
  'ignore-paused': [['--ignore-paused'], { ignorePaused: true }],
};

test.each(Object.entries(each))('--%s reaches the verb', (_name, [words, told]) => {
  expect(exec(...words, 'web', 'ls').told).toEqual({ ...plain, ...told });
});

test('no option is left out above', () => {
  expect(Object.keys(each).sort()).toEqual(rows.exec.options.map(({ name }) => name).sort());
});

test('a user that is no number never becomes one (CVE-2026-30892)', () => {
  for (const user of ['root', '-1', '1:x', '4294967295', ''])
    expect(exec('--user', user, 'web', 'ls')).toMatchObject({ status: 255, told: undefined });
});
