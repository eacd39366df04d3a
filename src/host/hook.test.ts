import { describe, expect, it } from 'vitest';
import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { errno } from '../linux/errno.js';
import { natives } from '../linux/natives.js';
import type { HookPlan } from '../plan/hooks.js';
import { fakeHost } from '../testing/fake-host.js';
import { type FakeEnd, fakePrograms } from '../testing/fake-programs.js';
import { HookFiles, runHook } from './hook.js';

const hook: HookPlan = {
  ...{ name: 'createRuntime hook #1', at: '/hooks/createRuntime/1' },
  ...{ path: '/hook', args: ['hook'], env: null, timeoutMs: 2000 },
};
const subject = { ociVersion: '1.2.0', id: 'c1', bundle: '/bundle', annotations: {} };
const call = { subject, status: 'creating', pid: 5, cwd: '/bundle', output: {} } as const;

function failure(end: FakeEnd): string {
  const { context } = fakeHost({ natives: fakePrograms({ '/hook': end }).natives });
  try {
    runHook(context, hook, call);
  } catch (thrown) {
    return renderError(asRuntimeError(thrown));
  }
  return '';
}

it('is told the state, and is silent when it succeeds', () => {
  const programs = fakePrograms();
  const { context, open } = fakeHost({ natives: programs.natives });
  runHook(context, hook, call);
  expect(programs.ran).toEqual([
    ['/hook', '{"ociVersion":"1.2.0","id":"c1","status":"creating","pid":5,"bundle":"/bundle"}'],
  ]);
  expect(open()).toEqual([]);
});

const start = '/hooks/createRuntime/1: error running createRuntime hook #1:';

it.each([
  [{ status: 1 << 8, stdout: 'out', stderr: 'err' }, 'exit status 1, stdout: out, stderr: err'],
  [{ status: 15 }, 'killed by SIGTERM, stdout: , stderr: '],
  [
    { status: 9, timedOut: true, stderr: 'slow' },
    'hook ran past specified timeout of 2.0s, stdout: , stderr: slow',
  ],
  [{ status: 0, timedOut: true }, 'hook ran past specified timeout of 2.0s, stdout: , stderr: '],
])('fails with %o', (end, text) => {
  expect(failure(end)).toBe(`${start} ${text}`);
});

it('tells what kept it from being run', () => {
  const row = Object.keys(natives).indexOf('execve');
  const packet = { type: 'failed', step: 'run "/hook"', row, errno: errno.ENOENT };
  expect(failure({ status: 255 << 8, failure: JSON.stringify(packet) })).toMatch(
    /^error running createRuntime hook #1: run "\/hook": .*execve\(\): ENOENT \(hint: the program/,
  );
});

describe('files for the output', () => {
  const annotations = {
    'run.oci.hooks.stdout': 'out',
    'run.oci.hooks.stderr': '/var/log/err',
  };
  const files = { '/bundle/out': '', '/var/log/err': '' };

  it('are opened to be appended to, made if they are missing, and closed again', () => {
    const { context, trace, open } = fakeHost({ files });
    {
      using opened = new HookFiles(context, { ...subject, annotations });
      expect(Object.keys(opened.output)).toEqual(['stdout', 'stderr']);
      expect(open()).toEqual(['/bundle/out', '/var/log/err']);
    }
    expect(open()).toEqual([]);
    expect(trace().filter((line) => line.startsWith('openat2'))).toEqual([
      'openat2(<cwd> "/bundle/out", APPEND|CREAT|WRONLY) = </bundle/out>',
      'openat2(<cwd> "/var/log/err", APPEND|CREAT|WRONLY) = </var/log/err>',
    ]);
  });

  it('are none when annotations name none', () => {
    const { context, calls } = fakeHost();
    using opened = new HookFiles(context, subject);
    expect([opened.output, calls.length]).toEqual([{}, 0]);
  });

  it('are all closed when one of them cannot be opened', () => {
    const { context, open } = fakeHost({ files, failing: { call: 1, errno: errno.EACCES } });
    expect(() => new HookFiles(context, { ...subject, annotations })).toThrow();
    expect(open()).toEqual([]);
  });
});
