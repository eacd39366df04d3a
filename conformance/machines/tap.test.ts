import { describe, expect, test } from 'vitest';
import { failed, passed, plan, readTap, skipped } from './tap.js';

const run = passed(1, 'a > b', 12.4) + skipped(2, 'c') + failed(3, 'd', 'Error: e\n  at f');

describe('results of a run', () => {
  test('are one line each, and the reason of a failure below it', () => {
    expect(run).toBe(
      'ok 1 - a > b # time=12ms\nok 2 - c # SKIP\nnot ok 3 - d\n  ---\n  Error: e\n    at f\n  ...\n',
    );
  });

  test('have names that are no directives and end no line', () => {
    expect(skipped(1, 'a # TODO\nb')).toBe('ok 1 - a \\# TODO b # SKIP\n');
  });

  test('show no colours', () => {
    expect(failed(1, 'a', '\u001b[31mred\u001b[0m')).toContain('\n  red\n');
  });
});

describe('results of a machine', () => {
  test('are counted over all of its runs', () => {
    const text = `# up\n${run}${plan(3)}${passed(1, 'x', 1)}${plan(1)}# down\n`;
    const { tally, complaints } = readTap(text.replaceAll('\n', '\r\n'), 2);
    expect(tally).toEqual({ passed: 2, failed: 1, skipped: 1 });
    expect(complaints).toEqual([]);
  });

  test('are skipped, with a reason, and known failures count as skipped', () => {
    const text = `1..3\nok 1 - a # SKIP needs a moon\nnot ok 2 - b # TODO it forgets\nok 3 - c \\# SKIP\n`;
    expect(readTap(text, 1)).toEqual({
      tally: { passed: 1, failed: 0, skipped: 2 },
      complaints: [],
    });
  });

  test('are not whole when a run did not come to its end', () => {
    expect(readTap('', 1).complaints).toEqual(['0 of 1 runs came to their end']);
    expect(readTap(run, 1).complaints).toEqual(['0 of 1 runs came to their end']);
    expect(readTap(run + plan(3), 2).complaints).toEqual(['1 of 2 runs came to their end']);
  });

  test('are not whole when lines are missing, or a run had no test', () => {
    expect(readTap(run + plan(4), 1).complaints).toEqual(['3 of 4 results arrived']);
    expect(readTap(plan(0), 1).complaints).toEqual(['a run had no test']);
  });

  test('are not whole when a run bailed out', () => {
    const text = `${run}${plan(3)}Bail out! vitest ended with 137\n`;
    expect(readTap(text, 1).complaints).toEqual(['Bail out! vitest ended with 137']);
  });

  test('do not take what a test says for a result', () => {
    const { tally } = readTap(failed(1, 'a', 'ok 7 - no\n1..9') + plan(1), 1);
    expect(tally).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
