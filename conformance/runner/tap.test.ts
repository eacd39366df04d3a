import { expect, test } from 'vitest';
import { failed, passed } from './results-of-tests.js';
import { tapLine, tapPlan } from './tap.js';

test('a plan comes first', () => {
  expect(tapPlan(2)).toBe('TAP version 14\n1..2\n');
});

test('a result is a line, and what belongs to it a block', () => {
  expect(tapLine(passed('a/b', 'config/root/1'), 3)).toBe(
    'ok 3 - a/b: Title of a/b\n  ---\n  proves: ["config/root/1"]\n  duration_ms: 12\n  ...\n',
  );
  expect(tapLine(failed('a/b', 'one\ntwo'), 4)).toMatch(
    /^not ok 4 - a\/b: Title of a\/b\n {2}---\n {2}reason: "one\\ntwo"\n/,
  );
});

test('what cannot be tested is skipped, what is known to fail is to be done, with the reason', () => {
  const why = { reason: 'it # says\nso' };
  expect(tapLine({ ...passed('a/b'), outcome: 'not testable', ...why }, 1)).toMatch(
    /^ok 1 - a\/b: Title of a\/b # SKIP it \\# says so\n/,
  );
  expect(tapLine({ ...passed('a/b'), outcome: 'expected failure', ...why }, 1)).toMatch(
    /^not ok 1 - a\/b: Title of a\/b # TODO it \\# says so\n/,
  );
});

test('an unexpected pass is a failure', () => {
  expect(tapLine({ ...passed('a/b'), outcome: 'unexpected pass' }, 1)).toMatch(/^not ok 1 /);
});
