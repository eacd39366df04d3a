import { describe, expect, test } from 'vitest';
import type { Test } from '../runner/test.js';
import { inOrder } from './judge.js';
import { lineOf, summary } from './report.js';
import type { Verdict } from './verdict.js';

const testOf = (id: string, ...proves: string[]): Test => ({
  id,
  title: id,
  proves,
  run: async () => {},
});

const verdict = (outcome: Verdict['outcome'], more: Partial<Verdict> = {}): Verdict => ({
  name: 'no-umask',
  breaks: 'ignores the umask',
  profile: 'spec',
  outcome,
  tests: 3,
  broken: 2,
  refused: 0,
  seconds: 1,
  ...more,
});

describe('A broken behaviour', () => {
  test('is shown first to the tests that should notice', () => {
    const tests = [testOf('a/x'), testOf('b/x', 'config/mounts/1'), testOf('process/umask')];
    const ids = inOrder(tests, ['umask', 'mounts']).map(({ id }) => id);
    expect(ids).toEqual(['process/umask', 'b/x', 'a/x']);
  });

  test('is told with the test that has noticed, or what was tried', () => {
    expect(lineOf(verdict('caught', { test: 'process/umask', failure: '1 is\nnot 2' }))).toBe(
      'no-umask: caught by process/umask: 1 is not 2',
    );
    expect(lineOf(verdict('missed'))).toBe(
      'no-umask: MISSED by 3 tests, although it was broken in 2 of them',
    );
    expect(lineOf(verdict('missed', { refused: 1 }))).toMatch(/, but refused in 1$/);
    expect(lineOf(verdict('not testable', { reason: 'needs root' }))).toBe(
      'no-umask: not testable here: needs root',
    );
  });

  test('is counted, and named at the end if it was missed', () => {
    const runtime = { command: ['/bin/crun'], name: 'crun', version: '1.8.1' };
    const mutations = [verdict('caught'), verdict('missed'), verdict('not testable')];
    const report = { runtime, mutations, seconds: 7, date: '', host: {} as never };
    expect(summary(report).split('\n')).toEqual([
      expect.stringContaining('missed: a runtime that ignores the umask (no-umask: MISSED'),
      'crun 1.8.1: 3 mutations: 1 caught, 1 missed, 1 not testable (7 s)',
      '',
    ]);
  });
});
