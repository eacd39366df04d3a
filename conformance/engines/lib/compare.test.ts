import { describe, expect, test } from 'vitest';
import type { Difference, Facts } from './case.js';
import { complaintsAbout } from './compare.js';

const wanted = { name: 'a case', wanted: { status: 1, said: /not found/ } };
const row: Difference = {
  engine: 'any',
  name: 'a case',
  fact: 'said',
  runts: /a script/,
  runc: /not found/,
  why: 'it names the cause',
};
const both = (runts: Facts, runc: Facts = runts) => ({ runts, runc });

describe('what a case has shown', () => {
  test('is fine if both runtimes do as wanted and alike', () => {
    expect(complaintsAbout(wanted, both({ status: 1, said: 'it was not found' }), [])).toEqual([]);
  });

  test('is told for the runtime that does not do as wanted', () => {
    const seen = both({ status: 2, said: 'not found' }, { status: 1, said: 'not found' });
    expect(complaintsAbout(wanted, seen, [])).toEqual(['runts: status is 2, not 1']);
  });

  test('is told if the runtimes differ within what is wanted', () => {
    const seen = both({ status: 1, said: 'not found!' }, { status: 1, said: 'not found' });
    expect(complaintsAbout(wanted, seen, [])).toEqual([
      'said differs: "not found!" with runts, "not found" with runc',
    ]);
  });

  test('may differ in a fact that nothing was wanted of only if that is known', () => {
    const seen = both({ status: 1, said: 'not found', more: 1 }, { status: 1, said: 'not found' });
    expect(complaintsAbout(wanted, seen, [])).toHaveLength(1);
    const known = { ...row, fact: 'more', runts: 1, runc: 2 };
    expect(complaintsAbout(wanted, seen, [known])).toEqual([
      'runc: more is nothing, not 2 as known',
    ]);
  });

  test('may differ as it is known to, and must', () => {
    const seen = both({ status: 1, said: 'a script' }, { status: 1, said: 'not found' });
    expect(complaintsAbout(wanted, seen, [row])).toEqual([]);
    const gone = both({ status: 1, said: 'not found' });
    expect(complaintsAbout(wanted, gone, [row])).toEqual([
      'runts: said is "not found", not /a script/ as known',
    ]);
  });

  test('is not judged by the differences of another case', () => {
    const seen = both({ status: 1, said: 'a script' }, { status: 1, said: 'not found' });
    expect(complaintsAbout(wanted, seen, [{ ...row, name: 'other' }])).toHaveLength(1);
  });
});
