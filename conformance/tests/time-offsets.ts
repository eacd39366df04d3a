import { deepEqual, ok } from 'node:assert/strict';
import { textOf } from '../lib/machine.js';
import { kernel } from '../runner/host.js';
import { subject } from '../runner/test.js';

type Offset = { secs?: number; nanosecs?: number };

/** Offsets that are demanded, and what the kernel shows of them: seconds and nanoseconds. */
const offsets: readonly [string, Record<string, Offset>, monotonic: string, boottime: string][] = [
  ['monotonic', { monotonic: { secs: 172_800 } }, '172800 0', '0 0'],
  ['boottime', { boottime: { secs: 604_800, nanosecs: 5 } }, '0 0', '604800 5'],
  [
    'both',
    { monotonic: { secs: 1, nanosecs: 999_999_999 }, boottime: { secs: 2, nanosecs: 7 } },
    '1 999999999',
    '2 7',
  ],
  ['behind', { monotonic: { secs: -1 }, boottime: { secs: -2 } }, '-1 0', '-2 0'],
  ['nothing', {}, '0 0', '0 0'],
];

const words = (text: unknown): string[] =>
  String(text)
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '));

export const timeOffsetTests = subject('time-offsets', (test) => {
  for (const [name, timeOffsets, monotonic, boottime] of offsets)
    test(
      name,
      `Clocks of a new time namespace differ by ${JSON.stringify(timeOffsets)}`,
      { proves: ['runtime/lifecycle/1', 'runtime/create/4'], needs: [kernel(5, 6)] },
      async (trial) => {
        const { files } = await trial.look(({ linux }) => {
          linux.namespaces.push({ type: 'time' });
          linux.timeOffsets = timeOffsets;
        });
        deepEqual(words(files.timens_offsets), [`monotonic ${monotonic}`, `boottime ${boottime}`]);
      },
    );

  test(
    'uptime',
    'The program itself sees the clocks of the time namespace',
    { proves: ['runtime/lifecycle/1'], needs: [kernel(5, 6)] },
    async (trial) => {
      const before = Number.parseFloat(textOf('/proc/uptime'));
      const { results } = await trial.look(
        ({ linux }) => {
          linux.namespaces.push({ type: 'time' });
          linux.timeOffsets = { boottime: { secs: 604_800 } };
        },
        'read',
        '/proc/uptime',
      );
      const inside = Number.parseFloat(String(results[0]?.text));
      ok(inside >= before + 604_800, `it is up for ${inside} s, the host for ${before}`);
    },
  );

  for (const [slug, what, isMade, timeOffsets] of [
    ['unknown-clock', 'of a clock that has none', true, { realtime: { secs: 5 } }],
    ['whole-second', 'of nanoseconds that are a second', true, { boottime: { nanosecs: 1e9 } }],
    ['before-zero', 'that takes a clock below zero', true, { boottime: { secs: -4_000_000_000 } }],
    ['no-namespace', 'without a new time namespace', false, { boottime: { secs: 5 } }],
  ] as const)
    test(
      slug,
      `An offset ${what} is refused`,
      { proves: ['runtime/create/6'], needs: [kernel(5, 6)] },
      async (trial) => {
        await trial.refused(({ linux }) => {
          if (isMade) linux.namespaces.push({ type: 'time' });
          linux.timeOffsets = timeOffsets;
        });
      },
    );
});
