import { expect, test } from 'vitest';
import type { Figures } from './figures.js';
import { type Findings, goals, judge } from './goals.js';

const same = (value: number) => ({ median: value, p10: value, p90: value, count: 1 });

const figures = (milliseconds: number, peakKilobytes = 2000): Figures => ({
  milliseconds: same(milliseconds),
  peakKilobytes: same(peakKilobytes),
  processor: same(1),
  pageFaults: same(1),
});

const findings: Findings = {
  results: {
    run: { runts: figures(5), runc: figures(30), crun: figures(8) },
    create: { runts: figures(4, 2200), crun: figures(6, 3200) },
  },
  waiting: { runts: { resident: 3073, proportional: 900, private: 1024 } },
  limits: { runts: [2048, 4096] },
};

const verdicts = (given: Findings) => {
  return Object.fromEntries(judge(given).map(({ text, met }) => [text, met]));
};

test('each goal is judged by our figure against its limit or a rival', () => {
  expect(verdicts(findings)).toEqual({
    'run, in times of runc': true,
    'run, in times of crun': false,
    'create + start + delete, in times of runc': undefined,
    'create + start + delete, in times of crun': undefined,
    'exec, in times of crun': undefined,
    'peak memory of create, in times of crun': true,
    'waiting init, resident, KB': false,
    'waiting init, private, KB': true,
    'smallest memory limit that starts, KB': true,
  });
});

test('without rivals and figures every goal is left open', () => {
  const judged = judge({ results: {}, waiting: {}, limits: {} });
  expect(judged).toHaveLength(goals.length);
  expect(judged.every(({ met }) => met === undefined)).toBe(true);
});
