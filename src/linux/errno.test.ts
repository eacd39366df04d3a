import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { errno, errnoName, errnoText } from './errno.js';

test('errno numbers are those of the C library', () => {
  const table: Readonly<Record<string, number>> = errno;
  for (const [name, number] of Object.entries(constants.errno)) {
    if (name !== 'EWOULDBLOCK' && name !== 'ENOTSUP')
      expect([name, table[name]]).toEqual([name, number]);
  }
});

test('every errno number has one name and all but the unused 41 and 58 are there', () => {
  const numbers = Object.values(errno);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.length).toBe(131);
  expect(Math.max(...numbers)).toBe(133);
});

test('a number without a name is shown as a number', () => {
  expect(errnoName(errno.EINVAL)).toBe('EINVAL');
  expect(errnoName(4095)).toBe('errno 4095');
  expect(errnoText(4095)).toBeUndefined();
});

test('errors that callers would misread have no words', () => {
  const { EPERM, ENOENT, ESRCH, EACCES, ENOTDIR, EISDIR } = errno;
  for (const number of [EPERM, ENOENT, ESRCH, EACCES, ENOTDIR, EISDIR]) {
    expect(errnoText(number)).toBeUndefined();
  }
  expect(errnoText(errno.EINVAL)).toBe('invalid argument');
});

test('no words of an error mean something to a caller', () => {
  const taken = [
    'no such file or directory',
    'permission denied',
    'operation not permitted',
    'no such process',
    'is a directory',
    'not a directory',
    'does not exist',
    'not running',
    'already finished',
    'executable file not found',
    'invalid process',
  ];
  for (const number of Object.values(errno)) {
    const text = errnoText(number) ?? '';
    expect(taken.filter((words) => text.includes(words))).toEqual([]);
  }
});
