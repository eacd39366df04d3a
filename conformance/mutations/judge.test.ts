import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hostOfTests } from '../runner/results-of-tests.js';
import type { Test } from '../runner/test.js';
import { inOrder, judge } from './judge.js';
import type { Mutation } from './mutation.js';
import { wordFor } from './notes.js';
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

/** Of a mutation whose only test fails with the mutation, and in its controls as is told. */
async function judgedWith(...controls: readonly ('pass' | 'fail')[]) {
  using folder = new Folder();
  let runs = 0;
  const only: Test = {
    ...testOf('process/umask'),
    run: async () => {
      const control = runs++ % 2 === 1 ? controls[(runs >> 1) - 1] : undefined;
      if (control === 'pass') return;
      if (control === undefined) writeFileSync(join(folder.path, 'no-umask'), wordFor('broken'));
      throw new Error('18 is not 2');
    },
  };
  const runtime = { command: ['/bin/false'], name: 'none', version: '1' };
  const court = {
    ...{ runtime, host: hostOfTests, tests: { spec: [only], engine: [] } },
    ...{ folder: folder.path, program: '/nowhere', signal: new AbortController().signal },
  };
  const mutation: Mutation = {
    profile: 'spec',
    ...{ name: 'no-umask', breaks: 'ignores the umask', aims: ['umask'], needs: [] },
    act: () => Promise.reject(new Error('is not called')),
  };
  return { verdict: await judge(court, mutation), runs };
}

class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'runts-judge-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

describe('What a test notices', () => {
  test('counts when the test passes without the mutation', async () => {
    const { verdict, runs } = await judgedWith('pass');
    expect([verdict.outcome, verdict.test, runs]).toEqual(['caught', 'process/umask', 2]);
  });

  test('is looked at once more when the test fails without the mutation too', async () => {
    const { verdict, runs } = await judgedWith('fail', 'pass');
    expect([verdict.outcome, verdict.failure, runs]).toEqual(['caught', '18 is not 2', 4]);
  });

  test('does not count when the test fails again without the mutation', async () => {
    const { verdict, runs } = await judgedWith('fail', 'fail');
    expect([verdict.outcome, runs]).toEqual(['missed', 4]);
  });
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
