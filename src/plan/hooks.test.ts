import { describe, expect, it, test } from 'vitest';
import type { Spec } from '../generated/spec-types.js';
import { base } from '../testing/plans.js';
import { hookOutput, hookState, planInitHooks, planLaterHooks, planRuntimeHooks } from './hooks.js';

const subject = { ociVersion: '1.2.0', id: 'c1', bundle: '/bundle', annotations: {} };
const withHooks = (hooks: Spec['hooks'], annotations?: Record<string, string>): Spec => ({
  ...base,
  ...(hooks && { hooks }),
  ...(annotations && { annotations }),
});
const request = { id: 'c1', bundle: '/bundle' };

describe('without hooks', () => {
  it.each([
    ['no object', undefined],
    ['an empty one', {}],
    ['empty lists', { prestart: [], startContainer: [], poststart: [], poststop: [] }],
  ])('nothing is planned: %s', (_, hooks) => {
    const spec = withHooks(hooks);
    expect(planRuntimeHooks(spec)).toEqual([]);
    expect(planInitHooks(spec, request)).toBeNull();
    expect(planLaterHooks(spec)).toBeNull();
  });
});

test('a hook has what it asks for, and a name with its place', () => {
  const spec = withHooks({
    prestart: [{ path: '/p', args: ['x', 'y'], env: ['A=b'], timeout: 3 }],
    createRuntime: [{ path: '/a' }, { path: '/b', args: [], env: [] }],
  });
  const plain = { args: ['/a'], env: null, timeoutMs: null };
  expect(planRuntimeHooks(spec)).toEqual([
    {
      name: 'prestart hook #0',
      at: '/hooks/prestart/0',
      path: '/p',
      args: ['x', 'y'],
      env: ['A=b'],
      timeoutMs: 3000,
    },
    { name: 'createRuntime hook #0', at: '/hooks/createRuntime/0', path: '/a', ...plain },
    {
      ...{ name: 'createRuntime hook #1', at: '/hooks/createRuntime/1', path: '/b', ...plain },
      ...{ args: ['/b'], env: [] },
    },
  ]);
});

describe('init', () => {
  const hook = [{ path: '/x' }];
  it('asks the parent only when that has something to run', () => {
    const asks = (hooks: Spec['hooks']) => planInitHooks(withHooks(hooks), request)?.ask;
    expect(asks({ prestart: hook })).toBe(true);
    expect(asks({ createRuntime: hook })).toBe(true);
    expect(asks({ createContainer: hook })).toBe(false);
    expect(asks({ startContainer: hook })).toBe(false);
    expect(asks({ poststart: hook, poststop: hook })).toBeUndefined();
    const netDevices = { ...base, linux: { ...base.linux, netDevices: { eth0: {} } } };
    expect(planInitHooks(netDevices, request)?.ask).toBe(true);
  });

  it('knows what to tell its hooks', () => {
    const annotations = { a: 'b' };
    const plan = planInitHooks(withHooks({ createContainer: hook }, annotations), request);
    expect(plan?.subject).toEqual({ ...request, ociVersion: base.ociVersion, annotations });
  });
});

test('what comes later is kept only when there is something', () => {
  const hook = [{ path: '/x' }];
  expect(planLaterHooks(withHooks({ prestart: hook }))).toBeNull();
  expect(planLaterHooks(withHooks({ poststop: hook }))).toMatchObject({
    poststart: [],
    poststop: [{ name: 'poststop hook #0' }],
  });
});

describe('the state that a hook reads', () => {
  it('has no more than the specification names, in one line', () => {
    expect(hookState(subject, 'creating', 7)).toBe(
      '{"ociVersion":"1.2.0","id":"c1","status":"creating","pid":7,"bundle":"/bundle"}',
    );
  });

  it('has annotations when there are some, and no pid when there is no process', () => {
    const state = hookState({ ...subject, annotations: { a: 'b' } }, 'stopped', null);
    expect(JSON.parse(state)).toEqual({
      ...{ ociVersion: '1.2.0', id: 'c1', bundle: '/bundle' },
      ...{ status: 'stopped', annotations: { a: 'b' } },
    });
  });
});

test('annotations name files for the output, from the bundle on', () => {
  const output = (annotations: Record<string, string>) => hookOutput({ ...subject, annotations });
  expect(output({})).toEqual({});
  expect(output({ 'run.oci.hooks.stdout': '' })).toEqual({});
  expect(
    output({ 'run.oci.hooks.stdout': 'a/../out', 'run.oci.hooks.stderr': '/var/log/err' }),
  ).toEqual({ stdoutFile: '/bundle/out', stderrFile: '/var/log/err' });
});
