/** Small results, for tests of what shows them. */
import type { Host } from './host.js';
import type { Result, RunReport } from './results.js';

export const hostOfTests: Host = {
  isRoot: true,
  kernel: [6, 1],
  cgroups: 'v1',
  controllers: ['memory'],
  lsm: [],
  manyIds: true,
  resctrl: undefined,
};

export const passed = (id: string, ...proves: readonly string[]): Result => ({
  id,
  title: `Title of ${id}`,
  proves,
  outcome: 'pass',
  milliseconds: 12,
});

export const failed = (id: string, reason: string, ...proves: readonly string[]): Result => ({
  ...passed(id, ...proves),
  outcome: 'fail',
  reason,
});

export const reportOf = (
  results: readonly Result[],
  change: Partial<RunReport> = {},
): RunReport => ({
  runtime: { command: ['/usr/bin/crun'], name: 'crun', version: '1.8.1' },
  profile: 'spec',
  specification: '1.3.0',
  host: hostOfTests,
  date: '2026-01-02T03:04:05.678Z',
  seconds: 60,
  results,
  ...change,
});
