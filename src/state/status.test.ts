import { describe, expect, it, test } from 'vitest';
import { parseStat, statusOf, untilStartTime } from './status.js';
import { allows, type Operation, type Status, transitions } from './transitions.js';

test.each([
  [{ alive: false, frozen: false, waiting: false }, 'stopped'],
  [{ alive: false, frozen: true, waiting: true }, 'stopped'],
  [{ alive: true, frozen: true, waiting: true }, 'paused'],
  [{ alive: true, frozen: true, waiting: false }, 'paused'],
  [{ alive: true, frozen: false, waiting: true }, 'created'],
  [{ alive: true, frozen: false, waiting: false }, 'running'],
] as const)('%o is %s', (observation, status) => {
  expect(statusOf(observation)).toBe(status);
});

describe('commands and statuses', () => {
  const statuses: readonly Status[] = ['created', 'running', 'paused', 'stopped'];
  /** One letter per status, in that order. */
  const table: Readonly<Record<Operation, string>> = {
    start: 'y---',
    kill: 'yyy-',
    pause: 'yy--',
    update: 'yyy-',
    resume: '--y-',
    delete: 'y--y',
    forceDelete: 'yyyy',
  };

  it.each(Object.entries(table))('%s: %s', (operation, allowed) => {
    const found = statuses.map((status) => (allows(operation as Operation, status) ? 'y' : '-'));
    expect(found.join('')).toBe(allowed);
  });

  it('are all in this table', () => {
    expect(Object.keys(transitions)).toEqual(Object.keys(table));
    expect(transitions.start.to).toBe('running');
  });
});

describe('a line of /proc/PID/stat', () => {
  const rest = (state: string, startTime: string) =>
    `${state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 ${startTime} 20 21\n`;

  it.each(['sh', 'a b', 'x) R 1 1', '((', ')', '', 'tab\there', 'new\nline'])(
    'is read whatever its name: %j',
    (name) => {
      const text = `17 (${name}) ${rest('S', '4242')}`;
      const stat = parseStat(text);
      expect(stat).toEqual({ state: 'S', startTime: '4242', text });
      expect(untilStartTime(stat)).toBe(text.slice(0, text.indexOf('20 21')));
    },
  );

  it('keeps the start time as text: it may be larger than numbers hold exactly', () => {
    const startTime = '18446744073709551615';
    expect(parseStat(`1 (init) ${rest('Z', startTime)}`)).toMatchObject({ state: 'Z', startTime });
  });

  it('of nothing is of no process', () => {
    expect(parseStat('')).toEqual({ state: '', startTime: '', text: '' });
  });
});
