import { describe, expect, it, test } from 'vitest';
import { asRuntimeError, type RuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Process } from '../generated/spec-types.js';
import { withProcess } from '../testing/plans.js';
import { createdHost, runnable } from '../testing/runtime-host.js';
import { changedProcess, type ProcessChanges, readProcess } from './exec-process.js';

const record = (bundle = '/bundle') =>
  ({ bundle }) as unknown as Parameters<typeof changedProcess>[1];

const changed = (changes: Partial<ProcessChanges>, base: Partial<Process> = {}): Process =>
  changedProcess(createdHost({}, withProcess({ terminal: false, ...base })).runtime, record(), {
    args: ['true'],
    ...changes,
  });

function failure(act: () => unknown): RuntimeError {
  try {
    act();
  } catch (thrown) {
    return asRuntimeError(thrown);
  }
  throw new Error('nothing was wrong');
}

describe('the process of the bundle', () => {
  it('is taken but for the arguments', () => {
    const { args, cwd, capabilities } = changed({ args: ['ls', '-l'] });
    expect(args).toEqual(['ls', '-l']);
    expect([cwd, capabilities]).toEqual([runnable.process!.cwd, runnable.process!.capabilities]);
  });

  it('has no terminal unless one is asked for', () => {
    expect(changed({}).terminal).toBe(false);
    expect(changed({ terminal: true }).terminal).toBe(true);
  });

  it('has users, groups, variables and the like changed', () => {
    const base = { user: { uid: 1, gid: 2, umask: 3, additionalGids: [4] }, env: ['A=1'] };
    const more = { env: ['B=2', 'A=3'], user: { uid: 7 }, additionalGids: [5], cwd: '/tmp' };
    const labels = { apparmorProfile: 'profile', selinuxLabel: 'a:b:c:d' };
    expect(changed({ ...more, ...labels, noNewPrivileges: false }, base)).toMatchObject({
      ...labels,
      env: ['A=1', 'B=2', 'A=3'],
      user: { uid: 7, gid: 2, umask: 3, additionalGids: [4, 5] },
      cwd: '/tmp',
      noNewPrivileges: false,
    });
  });

  it('may have limits that JSON numbers do not hold', () => {
    const hard = 18446744073709551615n;
    const rlimits = [{ type: 'RLIMIT_CORE', soft: 0, hard }] as unknown as Process['rlimits'];
    const host = createdHost();
    const text = JSON.stringify(withProcess({ terminal: false })).replace(
      /"rlimits":\[[^\]]*\]/,
      `"rlimits":[{"type":"RLIMIT_CORE","soft":0,"hard":${hard}}]`,
    );
    host.machine.tree.put('/bundle/config.json', text);
    const { rlimits: read } = changedProcess(host.runtime, record(), { args: ['true'] });
    expect(read).toEqual(rlimits);
  });

  it('is held against the rules like a configuration', () => {
    expect(failure(() => changed({ cwd: 'tmp' })).at).toBe('/process/cwd');
    expect(failure(() => changed({ env: ['A'] }, { env: [] })).at).toBe('/process/env/0');
    expect(failure(() => changed({ args: [] })).message).toBe('exec args cannot be empty');
  });
});

describe('capabilities that are added', () => {
  const base = {
    bounding: ['CAP_KILL'],
    permitted: ['CAP_KILL'],
    effective: ['CAP_KILL'],
    inheritable: ['CAP_CHOWN'],
  } as const;
  const caps = (names: string[], given: Process['capabilities'] = { ...base } as never) =>
    changed({ capabilities: names }, { capabilities: given }).capabilities;

  it('are bounding, effective and permitted, and ambient if they are inheritable', () => {
    expect(caps(['CAP_CHOWN', 'CAP_BPF'])).toEqual({
      bounding: ['CAP_KILL', 'CAP_CHOWN', 'CAP_BPF'],
      effective: ['CAP_KILL', 'CAP_CHOWN', 'CAP_BPF'],
      permitted: ['CAP_KILL', 'CAP_CHOWN', 'CAP_BPF'],
      inheritable: ['CAP_CHOWN'],
      ambient: ['CAP_CHOWN'],
    });
  });

  it('may be there already, or be named without their prefix', () => {
    expect(caps(['KILL'])?.bounding).toEqual(['CAP_KILL']);
    expect(caps(['CAP_KILL'])?.ambient).toBeUndefined();
  });

  it('are the only ones of a process that has none', () => {
    const sets = changedProcess(
      createdHost(
        {},
        {
          ...runnable,
          process: { ...runnable.process!, terminal: false, capabilities: {} },
        },
      ).runtime,
      record(),
      { args: ['true'], capabilities: ['CAP_KILL'] },
    ).capabilities;
    const only = ['CAP_KILL'];
    expect(sets).toEqual({ bounding: only, effective: only, permitted: only });
  });
});

describe('a file with the whole process', () => {
  const read = (text: string) =>
    readProcess(createdHost({ files: { '/p.json': text } }).runtime, '/p.json');
  const wrong = (text: string) => renderError(failure(() => read(text)));

  it('is the process, whatever the bundle says', () => {
    expect(read('{"args":["ls"],"cwd":"/"}')).toEqual({ args: ['ls'], cwd: '/' });
  });

  it('may have what Go writes for what is not set', () => {
    expect(read('{"args":["ls"],"cwd":"/","env":null,"capabilities":null}').args).toEqual(['ls']);
  });

  it.each([
    ['words', /not valid JSON: line 1, column 1/],
    ['{"args":["ls"],\n"cwd":/}', /line 2, column 7/],
    ['{"args":["ls"],"cwd":"/"},"hooks":{}', /expected the end of the text/],
    ['"text"', /\/process: /],
    ['{"cwd":"/"}', /\/process\/args/],
    ['{"args":["ls"],"cwd":"/","user":{"uid":-1,"gid":0}}', /\/process\/user\/uid/],
    ['{"args":["ls"],"cwd":"/","terminal":1}', /\/process\/terminal/],
  ])('is named when it is wrong: %s', (text, says) => {
    expect(wrong(text)).toMatch(/^process file \/p\.json: /);
    expect(wrong(text)).toMatch(says);
  });
});

test.each<Partial<Process>>([
  { apparmorProfile: 'unconfined' },
  { oomScoreAdj: -5, scheduler: { policy: 'SCHED_BATCH' } },
  { ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 3 } },
  { user: { uid: 70_000, gid: 70_000, additionalGids: [3] } },
  { execCPUAffinity: { initial: '0-1', final: '1' } },
  { rlimits: [{ type: 'RLIMIT_NPROC', soft: 1, hard: 2 }] },
])('no rule about containers refuses a process: %o', (change) => {
  const text = JSON.stringify({ args: ['ls'], cwd: '/', ...change });
  const host = createdHost({ files: { '/p.json': text } });
  expect(readProcess(host.runtime, '/p.json')).toMatchObject(change);
});
