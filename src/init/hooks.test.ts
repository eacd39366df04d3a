import { describe, expect, it } from 'vitest';
import { type BatchStep, call } from '../linux/batch.js';
import { planInitHooks } from '../plan/hooks.js';
import { decodeBatch, textAt, vectorAt } from '../testing/decode-batch.js';
import { fakePrograms } from '../testing/fake-programs.js';
import { runFakeInit, type Stage, stage } from '../testing/init-host.js';
import { base, planOf } from '../testing/plans.js';
import { runCreateHooks, startHookFds, startHookSteps } from './hooks.js';

const hook = (path: string) => ({ path });
const hooksOf = (hooks: object) =>
  planInitHooks({ ...base, hooks }, { id: 'c1', bundle: '/bundle' });

describe('hooks before the root is switched', () => {
  it('are none and cost nothing where none are asked for', () => {
    const set = stage({ hooks: null });
    runCreateHooks(set.init);
    expect(startHookSteps(set.init, [], [])).toEqual([]);
    expect(set.lines()).toEqual([]);
  });

  it('run in the parent first, then here, with the usual umask', () => {
    const hooks = hooksOf({ prestart: [hook('/p')], createContainer: [hook('/a'), hook('/b')] });
    const programs = fakePrograms();
    const set = stage({ hooks }, { packets: ['+'], natives: programs.natives });
    runCreateHooks(set.init);
    expect(set.machine.sent).toEqual(['{"type":"hooks"}']);
    const names = set.lines().map((line) => line.slice(0, line.indexOf('(')));
    expect(names).toEqual([
      ...['sendFds', 'recvFds', 'getpid', 'umask', 'runProgram', 'runProgram', 'umask'],
    ]);
    expect(programs.ran.map(([path]) => path)).toEqual(['/a', '/b']);
    expect(JSON.parse(programs.ran[0]![1])).toMatchObject({ status: 'creating', pid: 100 });
  });

  it('come when all is mounted, and before the host’s tree is out of reach', () => {
    const plan = planOf({ ...base, hooks: { createContainer: [hook('/c')] } });
    const programs = fakePrograms();
    const names = runFakeInit(plan, { natives: programs.natives }).calls.map(({ name }) => name);
    expect(names.lastIndexOf('mknodat')).toBeLessThan(names.indexOf('runProgram'));
    expect(names.indexOf('runProgram')).toBeLessThan(names.indexOf('pivotRoot'));
  });

  it('end init when one of them filter', () => {
    const plan = planOf({ ...base, hooks: { createContainer: [hook('/c')] } });
    const { natives } = fakePrograms({ '/c': { status: 1 << 8, stderr: 'no' } });
    const { said, status } = runFakeInit(plan, { natives });
    expect(status).toBe(1);
    expect(said).toMatchObject([
      {
        type: 'error',
        error: {
          code: 'hook-failed',
          message: 'error running createContainer hook #0: exit status 1, stdout: , stderr: no',
          at: '/hooks/createContainer/0',
        },
      },
    ]);
  });
});

describe('hooks in the container', () => {
  const filter = call('load the filter', 'close', -1);
  type Run = Extract<BatchStep, { do: 'run' }>;
  const steps = (set: Stage, env = ['A=process']) =>
    startHookSteps(set.init, env, [filter]) as Run[];

  it('are steps of the batch, with the environment of the process or their own', () => {
    const hooks = hooksOf({
      startContainer: [
        { path: '/a', timeout: 3 },
        { path: '/b', args: ['x'], env: ['B=own'] },
      ],
    });
    const set = stage({ hooks });
    const [first, second] = steps(set) as [Run, Run];
    expect([first.label, first.timeout]).toEqual(['error running startContainer hook #0', 3000]);
    expect(second.timeout).toBe(-1);
    expect(JSON.parse(Buffer.from(first.input).toString())).toMatchObject({
      ...{ status: 'created', pid: 100, bundle: '/bundle' },
    });
    const environments = [first, second].map(({ program }) => {
      const { args, label } = decodeBatch(program).at(-1)!;
      const [path, , env] = args.map((argument) => ('offset' in argument ? argument.offset : 0));
      return [label, textAt(program, path!), ...vectorAt(program, env!)];
    });
    expect(environments).toEqual([
      ['error running startContainer hook #0: run "/a"', '/a', 'A=process'],
      ['error running startContainer hook #1: run "/b"', '/b', 'B=own'],
    ]);
  });

  it('stand in the seal after the wait for start, right before the process', () => {
    const plan = planOf({ ...base, hooks: { startContainer: [hook('/s')] } });
    const last = runFakeInit(plan).calls.at(-1)!;
    const operations = decodeBatch(last.args[1] as Uint8Array).map(({ operation }) => operation);
    expect(operations.slice(-9, -5)).toEqual(['await', 'run', 'call', 'call']);
  });

  it('have their output in files that the parent has opened, and that stay open until then', () => {
    const hookOutput = { stdout: 7, stderr: 8 };
    const withFiles = (hooks: object) => {
      const set = stage({ hooks: hooksOf(hooks) });
      return { ...set, init: { ...set.init, hookOutput } };
    };
    const set = withFiles({ startContainer: [hook('/s')] });
    const [step] = steps(set) as [Run];
    const names = decodeBatch(step.program).map(({ name }) => name);
    expect(names).toEqual(['prctl', 'dup3', 'dup3', 'closeRange', 'close', 'execve']);
    expect(startHookFds(set.init)).toEqual([7, 8]);
    expect(startHookFds(withFiles({ createContainer: [hook('/c')] }).init)).toEqual([]);
  });
});
