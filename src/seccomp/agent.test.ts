import { expect, test } from 'vitest';
import { specVersion } from '../generated/spec-version.js';
import { processState, type Subject } from './agent.js';

const record = {
  ...{ id: 'c1', ociVersion: '1.0.2', bundle: '/b', annotations: {} },
  status: 'creating',
} as Subject;

test('the state that an agent is sent has metadata and annotations when there are some', () => {
  const state = { ociVersion: '1.0.2', id: 'c1', status: 'creating', pid: 7, bundle: '/b' };
  const plain = { ociVersion: specVersion, fds: ['seccompFd'], pid: 7 };
  expect(JSON.parse(processState(record, 7, undefined))).toEqual({ ...plain, state });
  const annotations = { a: 'b' };
  expect(JSON.parse(processState({ ...record, annotations }, 7, 'x'))).toEqual({
    ...{ ...plain, metadata: 'x', state: { ...state, annotations } },
  });
});
