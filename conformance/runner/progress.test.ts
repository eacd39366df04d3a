import { describe, expect, test } from 'vitest';
import { progressOf, type Screen, summary } from './progress.js';
import { failed, passed, reportOf } from './results-of-tests.js';

function screen(given: Omit<Screen, 'write'> = {}) {
  const written: string[] = [];
  return { ...given, written, write: (text: string) => written.push(text) };
}

describe('progress', () => {
  test('on a terminal is one line, rewritten and cut to its width, gone at the end', () => {
    const terminal = screen({ isTTY: true, columns: 24 });
    const tell = progressOf('crun 1.8', 2, terminal);
    tell(passed('a/b'));
    tell(passed('a/long-name-of-a-test'));
    expect(terminal.written).toEqual([
      '\r\u001b[Kcrun 1.8: 1 of 2  a/b',
      '\r\u001b[Kcrun 1.8: 2 of 2  a/lon',
      '\r\u001b[K',
    ]);
  });

  test('elsewhere is told now and then, not for each test', () => {
    const log = screen();
    progressOf('crun 1.8', 2, log)(passed('a/b'));
    expect(log.written).toEqual([]);
  });

  test('tells at once what fails, its further lines further in', () => {
    const log = screen();
    progressOf('crun 1.8', 2, log)(failed('a/b', 'one\ntwo\n'));
    expect(log.written).toEqual(['crun 1.8: fail: a/b\n    one\n    two\n']);
  });
});

describe('the summary', () => {
  const report = reportOf([passed('a/b'), failed('a/c', 'no')], { seconds: 12.3 });

  test('counts every outcome', () => {
    expect(summary(report)).toBe(
      'crun 1.8.1: 1 pass, 1 fail, 0 not testable, 0 expected failure, 0 unexpected pass (12 s)\n',
    );
  });

  test('says when somebody has ended the run', () => {
    expect(summary({ ...report, interrupted: true })).toContain('(interrupted after 12 s)');
  });
});
