import { beforeEach, expect, test, vi } from 'vitest';
import { doesNotExist, executableNotFound } from '../errors/catalog.js';
import { during } from '../errors/error.js';
import type { ContainerState } from '../runtime/context.js';
import { createContainer } from '../runtime/create.js';
import { deleteContainer } from '../runtime/delete.js';
import { execInContainer } from '../runtime/exec.js';
import { killContainer } from '../runtime/kill.js';
import { listRows } from '../runtime/list.js';
import { containerPids, processTable } from '../runtime/ps.js';
import { rowsOf } from '../runtime/rows.js';
import { runContainer } from '../runtime/run.js';
import { startContainer } from '../runtime/start.js';
import { readState } from '../runtime/state.js';
import { type Caller, fakeEngine } from '../testing/cli-engine.js';
import { main } from './cli.js';
import { actions } from './commands/actions.js';
import { commandHelp, programHelp } from './help.js';
import { rows } from './rows.js';

vi.mock('../runtime/create.js', () => ({ createContainer: vi.fn() }));
vi.mock('../runtime/exec.js', () => ({ execInContainer: vi.fn() }));
vi.mock('../runtime/delete.js', () => ({ deleteContainer: vi.fn() }));
vi.mock('../runtime/kill.js', () => ({ killContainer: vi.fn() }));
vi.mock('../runtime/list.js', () => ({ listRows: vi.fn() }));
vi.mock('../runtime/ps.js', () => ({ containerPids: vi.fn(), processTable: vi.fn() }));
vi.mock('../runtime/run.js', () => ({ runContainer: vi.fn() }));
vi.mock('../runtime/start.js', () => ({ startContainer: vi.fn() }));
vi.mock('../runtime/state.js', () => ({ readState: vi.fn() }));
vi.mock('../generated/build-info.js', () => ({ version: '1.2.3', commit: 'abc' }));

beforeEach(() => vi.resetAllMocks());

function run(argv: readonly string[], caller: Partial<Caller> = {}) {
  const fake = fakeEngine({ argv, ...caller });
  const status = main(fake.engine, actions);
  return { status, out: fake.written(1), err: fake.written(2), fake };
}

/** The text log record without its time. */
const record = (line: string): string => line.replace(/^time="[-0-9T:]+Z" /, '');
const records = (text: string): string => text.split('\n').map(record).join('\n');

const web: ContainerState = {
  ociVersion: '1.3.0',
  id: 'web',
  pid: 68,
  status: 'created',
  bundle: '/bundles/web',
  rootfs: '/bundles/web/rootfs',
  created: '2026-11-22T05:44:25.372802733Z',
  annotations: {},
  owner: '',
};

test('without a command the help is printed', () => {
  const { status, out, err } = run([]);
  expect([status, out, err]).toEqual([0, programHelp(), '']);
  expect(run(['--root', '/r']).out).toBe(programHelp());
});

test.each([
  [['--help'], programHelp()],
  [['-h'], programHelp()],
  [['help'], programHelp()],
  [['create', '--help'], commandHelp(rows.create)],
  [['kill', '-h', 'web', '9', 'x'], commandHelp(rows.kill)],
  [['help', 'list'], commandHelp(rows.list)],
  [['create', '--console-socket', '/s', '-h'], commandHelp(rows.create)],
])('%j prints help and succeeds', (argv, text) => {
  const { status, out, err } = run(argv);
  expect([status, out, err]).toEqual([0, text, '']);
});

test.each(['--version', '-v', '-version'])(
  '%s prints versions in the form that callers parse',
  (flag) => {
    const { status, out, err } = run([flag]);
    expect([status, out, err]).toEqual([
      0,
      'runts version 1.2.3\ncommit: abc\nspec: 1.3.0\nlibseccomp: 2.5.4\n',
      '',
    ]);
  },
);

test('a build without libseccomp does not name one', () => {
  expect(run(['-v'], { natives: { seccompVersion: () => 0 } }).out).not.toContain('libseccomp');
});

test('an unknown command exits with 3 and prints nothing on stdout', () => {
  const { status, out, err } = run(['foo', '--bar']);
  expect([status, out, records(err)]).toEqual([
    3,
    '',
    `level=error msg="No help topic for 'foo'"\n`,
  ]);
  expect(run(['help', 'foo']).status).toBe(3);
});

test('a mistyped command is told what was meant', () => {
  expect(run(['craete', 'web']).err).toContain(
    `No help topic for 'craete' (hint: did you mean create?)`,
  );
});

test('an unknown option is a usage error', () => {
  const { status, out, err } = run(['create', '--nope', 'web']);
  expect(status).toBe(1);
  expect(out).toBe(commandHelp(rows.create));
  expect(records(err)).toBe(
    'Incorrect Usage: flag provided but not defined: -nope\n' +
      'level=error msg="flag provided but not defined: -nope"\n',
  );
});

test('a missing value is a usage error, before and after the command', () => {
  expect(run(['create', '--bundle']).err).toContain('flag needs an argument: --bundle');
  expect(run(['--root']).out).toBe(programHelp());
});

test('a wrong number of arguments is a usage error', () => {
  const { status, out, err } = run(['create', 'a', 'b']);
  expect(status).toBe(1);
  expect(out).toBe(`Incorrect Usage.\n\n${commandHelp(rows.create)}`);
  expect(records(err)).toBe(
    'level=error msg="runts: \\"create\\" requires exactly 1 argument(s)"\n',
  );
});

test.each([
  ['', 'container id cannot be empty'],
  ['a/b', 'invalid container ID format: \\"a/b\\"'],
  ['.', 'invalid container ID format'],
  ['..', 'invalid container ID format'],
  // It is a directory of the state root, but no container.
  ['.cache', 'invalid container ID format'],
  ['a b', 'invalid container ID format'],
  ['a\n', 'invalid container ID format'],
])('the id %j is refused', (id, text) => {
  const { status, err } = run(['state', id]);
  expect(status).toBe(1);
  expect(err).toContain(text);
  expect(readState).not.toHaveBeenCalled();
});

test.each(['a', 'A-Z_0.9+', '...', '-x', 'x'.repeat(500)])('the id %j is accepted', (id) => {
  expect(run(['start', '--', id]).status).toBe(0);
  expect(startContainer).toHaveBeenCalledWith(expect.anything(), id);
});

test('create makes paths absolute and fills in what was not said', () => {
  expect(run(['create', '--pid-file', 'a/pid', 'web']).status).toBe(0);
  expect(createContainer).toHaveBeenCalledWith(expect.anything(), {
    id: 'web',
    bundle: '/home/me',
    pidFile: '/home/me/a/pid',
    noPivot: false,
    noNewKeyring: false,
    preserveFds: 0,
  });
});

test('create passes on every option', () => {
  const argv = ['create', '-b', '/b/./x//', '--no-pivot', '--no-new-keyring', '--preserve-fds=2'];
  run([...argv, '--pid-file=/p', '--console-socket', 'c', '--pidfd-socket=/d', 'web']);
  expect(createContainer).toHaveBeenCalledWith(expect.anything(), {
    id: 'web',
    bundle: '/b/x',
    pidFile: '/p',
    consoleSocket: '/home/me/c',
    pidfdSocket: '/d',
    noPivot: true,
    noNewKeyring: true,
    preserveFds: 2,
  });
});

test('two dots in a path are left to the kernel', () => {
  run(['create', '-b', '../b', 'web']);
  expect(createContainer).toHaveBeenCalledWith(
    expect.anything(),
    expect.objectContaining({ bundle: '/home/me/../b' }),
  );
});

test("run answers the container's exit status", () => {
  vi.mocked(runContainer).mockReturnValue(137);
  expect(run(['run', '-d', '--keep', '--no-subreaper', 'web']).status).toBe(137);
  expect(runContainer).toHaveBeenCalledWith(
    expect.anything(),
    expect.objectContaining({ id: 'web', detach: true, keep: true, noSubreaper: true }),
  );
});

test('kill sends SIGTERM unless told otherwise', () => {
  run(['kill', 'web']);
  run(['kill', '-a', 'web', '-9']);
  expect(vi.mocked(killContainer).mock.calls.map((call) => call.slice(1))).toEqual([
    ['web', 'SIGTERM', { all: false }],
    ['web', '-9', { all: true }],
  ]);
});

test('delete passes on force', () => {
  run(['delete', 'web', '--force']);
  expect(deleteContainer).toHaveBeenCalledWith(expect.anything(), 'web', { force: true });
});

test('state is indented JSON without a newline at the end, members in the usual order', () => {
  const { owner, pid, ...rest } = web;
  vi.mocked(readState).mockReturnValue({ owner, pid, ...rest });
  expect(run(['state', 'web']).out).toBe(`{
  "ociVersion": "1.3.0",
  "id": "web",
  "pid": 68,
  "status": "created",
  "bundle": "/bundles/web",
  "rootfs": "/bundles/web/rootfs",
  "created": "2026-11-22T05:44:25.372802733Z",
  "owner": ""
}`);
});

test('annotations are printed where there are some', () => {
  vi.mocked(readState).mockReturnValue({ ...web, annotations: { a: 'b' } });
  expect(JSON.parse(run(['state', 'web']).out).annotations).toEqual({ a: 'b' });
});

const listing = (containers: readonly ContainerState[]) =>
  vi.mocked(listRows).mockImplementation((_, format) => rowsOf(format, containers));

test('list prints a table with columns of at least twelve', () => {
  listing([
    { ...web, owner: 'root' },
    { ...web, id: 'a-longer-identity', pid: 0, status: 'stopped', owner: '#1000' },
  ]);
  expect(run(['list']).out).toBe(
    [
      'ID                  PID         STATUS      BUNDLE         CREATED                          OWNER',
      'web                 68          created     /bundles/web   2026-11-22T05:44:25.372802733Z   root',
      'a-longer-identity   0           stopped     /bundles/web   2026-11-22T05:44:25.372802733Z   #1000',
      '',
    ].join('\n'),
  );
});

test('an empty list is a header, null, or nothing', () => {
  listing([]);
  expect(run(['list']).out).toBe(
    'ID          PID         STATUS      BUNDLE      CREATED     OWNER\n',
  );
  expect(run(['list', '-f', 'json']).out).toBe('null\n');
  expect(run(['list', '-q']).out).toBe('');
});

test('list -f json is one line, list -q one id a line', () => {
  listing([web, { ...web, id: 'b' }]);
  const { out } = run(['list', '--format=json']);
  expect(out).toMatch(/^\[\{"ociVersion":"1\.3\.0","id":"web","pid":68,[^\n]*\]\n$/);
  expect(JSON.parse(out)).toHaveLength(2);
  expect(run(['list', '-q']).out).toBe('web\nb\n');
});

test('an unknown list format is refused before anything is looked up', () => {
  expect(run(['list', '-f', 'toString']).err).toContain('invalid format option');
  expect(listRows).not.toHaveBeenCalled();
});

test('failures of create carry the words that callers know', () => {
  vi.mocked(createContainer).mockImplementation(() =>
    during('unable to start container process', () =>
      during('error during container init', () => {
        throw executableNotFound('nope');
      }),
    ),
  );
  const { status, out, err } = run(['create', 'web']);
  expect([status, out]).toEqual([1, '']);
  expect(records(err)).toBe(
    'level=error msg="runts create failed: unable to start container process: ' +
      'error during container init: exec: \\"nope\\": executable file not found in $PATH"\n',
  );
});

test('exec fails with 255 and its own words, but with 1 when the command line is wrong', () => {
  vi.mocked(execInContainer).mockImplementation(() => {
    throw executableNotFound('nope');
  });
  const failed = run(['exec', 'web', 'nope']);
  expect([failed.status, records(failed.err)]).toEqual([
    255,
    'level=error msg="exec failed: exec: \\"nope\\": executable file not found in $PATH"\n',
  ]);
  for (const wrong of [['exec'], ['exec', '--bogus'], ['exec', '--preserve-fds', 'x', 'web']])
    expect([wrong, run(wrong).status]).toEqual([wrong, 1]);
});

test('other commands fail without a prefix', () => {
  vi.mocked(readState).mockImplementation(() => {
    throw doesNotExist('web');
  });
  expect(records(run(['state', 'web']).err)).toBe(
    'level=error msg="container does not exist: web"\n',
  );
});

test('with a log file the failure is a record there and plain text on stderr', () => {
  vi.mocked(deleteContainer).mockImplementation((context) => {
    context.log.warn('only a warning');
    throw doesNotExist('web');
  });
  const { fake, err } = run(['--log', '/l', '--log-format', 'json', 'delete', 'web']);
  expect(err).toBe('container does not exist: web\n');
  expect(fake.file('/l')).toMatch(
    /^\{"level":"error","msg":"container does not exist: web","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\}\n$/,
  );
});

test('warnings are written to stderr, and to a log file when asked for', () => {
  vi.mocked(startContainer).mockImplementation((context) => context.log.warn('careful'));
  expect(records(run(['start', 'web']).err)).toBe('level=warning msg=careful\n');
  const { fake } = run(['--log=/l', '--log-level=warning', 'start', 'web']);
  expect(records(fake.file('/l'))).toBe('level=warning msg=careful\n');
});

test('a usage error goes to the log file too', () => {
  const { fake } = run(['--log', '/l', '--log-format', 'json', 'create', '--nope']);
  expect(JSON.parse(fake.file('/l')).msg).toBe('flag provided but not defined: -nope');
});

test('a log file that cannot be opened is reported on stderr', () => {
  const { status, err } = run(['--log', '/no/l', 'list'], { natives: { openat2: () => -2 } });
  expect(status).toBe(1);
  expect(records(err)).toMatch(/^level=error msg="open the log file: openat2\(.*ENOENT/);
});

test('an unknown log format is refused', () => {
  const { status, err } = run(['--log-format', 'xml', 'list']);
  expect([status, records(err)]).toEqual([1, 'level=error msg="invalid log-format: xml"\n']);
});

test('the logger is not loaded when nothing is logged, nor the help when nobody asks', () => {
  expect(run(['start', 'web']).fake.chunksLoaded).toEqual([]);
});

test('with --debug every system call is logged, as strace shows it', () => {
  vi.mocked(startContainer).mockImplementation((context) => {
    context.host.sys.geteuid();
  });
  const { fake } = run(['--debug', '--log', '/l', 'start', 'web']);
  expect(fake.file('/l')).toContain('level=debug msg="geteuid() = 0"');
});

test.each([
  [['--log', 'syslog:x', 'create', 'web'], '--log syslog: is not supported yet'],
  [['--log=journald:x', 'create', 'web'], '--log journald: is not supported yet'],
])('%j is refused by name', (argv, text) => {
  const { status, out, err } = run(argv);
  expect([status, out]).toEqual([1, '']);
  expect(err).toContain(text);
  expect(createContainer).not.toHaveBeenCalled();
  expect(runContainer).not.toHaveBeenCalled();
});

test('--systemd-cgroup=false asks for nothing', () => {
  expect(run(['--systemd-cgroup=false', 'start', 'web']).status).toBe(0);
});

test('a closed standard stream is opened, so that no file takes its number', () => {
  const { fake } = run(['--log', '/l', 'start', 'web'], { closed: [0, 2] });
  expect(fake.calls.filter((call) => call.startsWith('openat2'))).toEqual([
    'openat2 /dev/null',
    'openat2 /dev/null',
    'openat2 /l',
  ]);
});

test('a broken stdout is a failure', () => {
  const { status, err } = run(['--version'], {
    natives: { write: (fd, data) => (fd === 1 ? -32 : (data?.length ?? 0)) },
  });
  expect(status).toBe(1);
  expect(err).toBe('');
});

test('an exception that nobody expected is reported with its stack', () => {
  vi.mocked(startContainer).mockImplementation(() => {
    throw new TypeError('oops');
  });
  const { status, err } = run(['start', 'web']);
  expect(status).toBe(1);
  expect(records(err)).toMatch(/^level=error msg="TypeError: oops\\n.* at /);
  expect(err.trimEnd()).not.toContain('\n');
});

test('ps hands on what follows the id, and prints ids as JSON', () => {
  vi.mocked(processTable).mockReturnValue('PID\n68\n');
  expect(run(['ps', 'web', '-f', '--forest'])).toMatchObject({ status: 0, out: 'PID\n68\n' });
  expect(processTable).toHaveBeenCalledWith(expect.anything(), 'web', ['-f', '--forest']);
  vi.mocked(containerPids).mockReturnValueOnce([68, 70]).mockReturnValueOnce([]);
  expect(run(['ps', '--format', 'json', 'web']).out).toBe('[68,70]\n');
  expect(run(['ps', '-f=json', 'web']).out).toBe('null\n');
  expect(run(['ps', '-f', 'xml', 'web']).err).toContain('invalid format option');
});
