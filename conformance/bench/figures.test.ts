import { expect, test } from 'vitest';
import { figuresByRow, type Measurement } from './figures.js';

const step = (changes: Partial<Measurement>): Measurement => ({
  lane: 'runts',
  label: 'run',
  round: 0,
  nanoseconds: 1_000_000,
  processorMicroseconds: 500,
  peakKilobytes: 2000,
  pageFaults: 10,
  ...changes,
});

test('steps of one round with one label are one figure: times add up, peaks do not', () => {
  const results = figuresByRow([
    step({ label: 'cycle', nanoseconds: 3_000_000, peakKilobytes: 2100 }),
    step({ label: 'cycle', nanoseconds: 2_000_000 }),
  ]);
  const { milliseconds, processor, peakKilobytes, pageFaults } =
    results.cycle?.runts ?? expect.fail();
  expect(milliseconds).toMatchObject({ median: 5, count: 1 });
  expect(processor.median).toBe(1);
  expect(peakKilobytes.median).toBe(2100);
  expect(pageFaults.median).toBe(20);
});

test('lanes, rows and rounds are kept apart', () => {
  const results = figuresByRow([
    step({}),
    step({ round: 1, nanoseconds: 3_000_000 }),
    step({ lane: 'crun', nanoseconds: 9_000_000 }),
    step({ label: 'state' }),
  ]);
  expect(results.run?.runts?.milliseconds).toMatchObject({ median: 2, count: 2 });
  expect(results.run?.crun?.milliseconds.median).toBe(9);
  expect(results.state?.runts?.milliseconds.count).toBe(1);
});
