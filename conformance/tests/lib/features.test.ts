import { expect, test } from 'vitest';
import { compareVersions } from './features.js';

test('versions are ordered by their numbers, and a pre-release comes before its release', () => {
  const ordered = ['1.0.0-rc.1', '1.0.0', '1.0.2-dev', '1.0.2', '1.2.0', '1.10.0', '2.0.0'];
  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
  expect(compareVersions('1.2.0', '1.2.0+build')).toBe(0);
});

test('what is no version is not comparable', () => {
  expect(compareVersions('1.2', '1.2.0')).toBeNaN();
});
