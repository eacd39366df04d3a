import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { renderError } from '../errors/render.js';
import { errno } from '../linux/errno.js';
import { kernelContext } from '../testing/cgroup-scenario.js';
import { errorOf } from '../testing/error-of.js';
import { describeStatus, type ProgramRun, runProgram } from './program.js';

const context = kernelContext();
const folder = mkdtempSync(join(tmpdir(), 'runts-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000;

const run = (change: Partial<ProgramRun> & Pick<ProgramRun, 'path' | 'args'>) =>
  runProgram(context, { env: ['PATH=/usr/bin:/bin'], input: '', timeoutMs: MINUTE, ...change });

const shell = (script: string, change: Partial<ProgramRun> = {}) =>
  run({ path: '/bin/sh', args: ['sh', '-c', script], ...change });

const fine = { status: 0, timedOut: false };

describe('a program', () => {
  it('has its input, and its two outputs are told apart', () => {
    const end = shell('cat; echo error >&2', { input: '{"é":1}' });
    expect(end).toEqual({ ...fine, stdout: '{"é":1}', stderr: 'error\n' });
  });

  it('has its arguments, its environment and its directory, and nothing of ours', () => {
    const end = shell('echo "$0 $1"; env | sort; pwd', {
      args: ['name', '-c', 'echo "$0 $1"; env | grep -v ^_; pwd', 'zero', 'one'],
      env: ['A=b'],
      cwd: '/usr',
    });
    expect(end.stdout.split('\n').filter((line) => !/^(SHLVL|PWD|OLDPWD)=/.test(line))).toEqual([
      ...['zero one', 'A=b', '/usr', ''],
    ]);
  });

  it('has three descriptors, its own process group, and no signal blocked or ignored', () => {
    const script = `ls /proc/self/fd | wc -w
      grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f2
      read -r pid name state parent group rest </proc/$$/stat; test $group = $$ && echo leads`;
    // The fourth is that of ls itself.
    const none = '0000000000000000';
    expect(shell(script).stdout).toBe(`4\n${none}\n${none}\nleads\n`);
  });

  it('may end as it likes', () => {
    expect(describeStatus(shell('exit 7').status)).toBe('exit status 7');
    expect(describeStatus(shell('kill -TERM $$').status)).toBe('killed by SIGTERM');
  });

  it('need not read its input, however much that is', () => {
    const input = 'x'.repeat(1 << 20);
    expect(shell('exit 0', { input })).toMatchObject(fine);
    expect(shell('exec <&-; sleep 0.01', { input })).toMatchObject(fine);
    expect(shell('sleep 0.05', { input })).toMatchObject(fine);
    expect(shell('wc -c', { input }).stdout).toBe(`${1 << 20}\n`);
  });

  it('may write more than anybody keeps: the last of it is answered', () => {
    const end = shell('seq 200000; seq 100000 >&2');
    expect(end).toMatchObject(fine);
    expect(end.stdout).toMatch(/\n199999\n200000\n$/);
    expect(end.stderr).toMatch(/\n99999\n100000\n$/);
    for (const text of [end.stdout, end.stderr]) {
      expect(text.length).toBeGreaterThanOrEqual(4096);
      expect(text.length).toBeLessThanOrEqual(8192);
    }
  });

  it('may write elsewhere', () => {
    const [out, err] = ['out', 'err'].map((name) => openSync(join(folder, name), 'a'));
    for (const text of ['a', 'b']) {
      const output = { stdout: out!, stderr: err! };
      const end = shell(`echo ${text}; echo no ${text} >&2`, { output });
      expect(end).toEqual({ ...fine, stdout: '', stderr: '' });
    }
    for (const fd of [out, err]) closeSync(fd!);
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('a\nb\n');
    expect(readFileSync(join(folder, 'err'), 'utf8')).toBe('no a\nno b\n');
  });

  it('is not waited for once it has ended, though its children hold its output', () => {
    const end = shell('sleep 1000 & echo $!');
    const child = Number(end.stdout);
    expect(existsSync(`/proc/${child}`)).toBe(true);
    process.kill(child, 'SIGKILL');
  });

  it('is killed after its time, with all that it has started', async () => {
    const file = join(folder, 'children');
    const script = `sleep 1000 & echo $! >${file}; sh -c 'sleep 1000 & echo $!; wait' >>${file}; wait`;
    const end = shell(`echo begun; ${script}`, { timeoutMs: 1500 });
    expect(end).toMatchObject({ timedOut: true, stdout: 'begun\n' });
    expect(describeStatus(end.status)).toBe('killed by SIGKILL');
    const children = readFileSync(file, 'utf8').trim().split('\n');
    expect(children).toHaveLength(2);
    const state = (pid: string) => {
      const path = `/proc/${pid}/stat`;
      return existsSync(path) ? /\) (.)/.exec(readFileSync(path, 'utf8'))?.[1] : 'Z';
    };
    // Somebody else's children now: they may stay zombies for a while.
    await expect.poll(() => children.map(state)).toEqual(['Z', 'Z']);
  });

  it('is killed after its time even if it never stops to write', () => {
    expect(shell('exec yes', { timeoutMs: 300 })).toMatchObject({ timedOut: true });
  });
});

describe('a program that cannot be run', () => {
  it('is told with the call that has failed, and with advice', () => {
    const error = errorOf(() => run({ path: '/no/such', args: ['such'] }));
    expect(error).toMatchObject({ code: 'syscall', call: { name: 'execve', errno: errno.ENOENT } });
    expect(renderError(error)).toBe(
      'run "/no/such": execve(): ENOENT (hint: the program, or the interpreter or ELF loader that it names, is missing)',
    );
    expect(errorOf(() => run({ path: '/etc', args: [] })).call).toMatchObject({
      ...{ name: 'execve', errno: errno.EACCES },
    });
  });

  it('has a directory that is not there', () => {
    const error = errorOf(() => shell('true', { cwd: '/no/such' }));
    expect(error.steps).toEqual(['run "/bin/sh" in /no/such']);
    expect(error.call).toMatchObject({ name: 'chdir', errno: errno.ENOENT });
  });
});

test('no descriptor is left open, and no child unreaped', () => {
  const fds = () => readdirSync('/proc/self/fd').length;
  const before = fds();
  for (let i = 0; i < 5; i++) {
    shell('true');
    errorOf(() => run({ path: '/no/such', args: [] }));
    errorOf(() => shell('true', { output: { stdout: 999_999 } }));
    shell('sleep 100', { timeoutMs: 1 });
  }
  expect(fds()).toBe(before);
  expect(context.host.raw.wait4(-1, null, 1, null)).toBe(-errno.ECHILD);
});
