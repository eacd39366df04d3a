import { expect, test } from 'vitest';
import type { Figures } from './figures.js';
import { goalTable, limitTable, scaleTable, timeTable, waitingTable } from './report.js';

const same = (value: number) => ({ median: value, p10: value, p90: value, count: 1 });

const taking = (milliseconds: number): Figures => ({
  milliseconds: same(milliseconds),
  processor: same(milliseconds / 2),
  peakKilobytes: same(1024),
  pageFaults: same(1),
});

const lines = (text: string) => text.split('\n').map((line) => line.replace(/ +/g, ' '));

test('each command has the time of each runtime and our share of it', () => {
  const results = { run: { runts: taking(5), runc: taking(20) }, kill: { runc: taking(4) } };
  const [head, , run, kill] = lines(timeTable(['runts', 'runc'], results));
  expect(head).toBe('| median time, ms | runts | runc | runts/runc |');
  expect(run).toBe('| run | 5.0 | 20.0 | 0.25 |');
  expect(kill).toBe('| kill | – | 4.0 | – |');
});

test('the floor has no init that waits', () => {
  const waiting = { runts: { resident: 2000, proportional: 1000, private: 500 } };
  expect(waitingTable(['runts', 'floor'], waiting)).not.toContain('floor');
});

test('every limit that was tried is told', () => {
  const text = lines(limitTable({ runts: [2048], runc: [] }));
  expect(text).toContain('| 2048 KB | runs | fails |');
  expect(text).toContain('| 512 KB | fails | fails |');
});

test('growth with other containers is a ratio to the first', () => {
  const scaling = {
    alone: { cycle: { runts: taking(4) }, list: { runts: taking(2) } },
    among: { cycle: { runts: taking(6) }, list: { runts: taking(20) } },
  };
  const [head, , row] = lines(scaleTable(['runts'], scaling, 100));
  expect(head).toMatch(
    /^\| median, ms \| create \+ delete alone \| among 100 \| ratio \| list of 1/,
  );
  expect(row).toBe('| runts | 4.0 | 6.0 | 1.50 | 1.0 | 10.0 |');
});

test('goals are met, missed or not measured', () => {
  const judged = [
    { text: 'a', limit: 1, measured: 0.5, met: true },
    { text: 'b', limit: 1, measured: 2, met: false },
    { text: 'c', limit: 1, measured: undefined, met: undefined },
  ];
  expect(lines(goalTable(judged)).slice(2)).toEqual([
    '| a | ≤ 1 | 0.50 | met |',
    '| b | ≤ 1 | 2 | missed |',
    '| c | ≤ 1 | – | not measured |',
  ]);
});
