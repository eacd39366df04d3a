import { deepEqual } from 'node:assert/strict';
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
      `Clocks of a new time namespace are ahead by ${JSON.stringify(timeOffsets)}`,
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
    'unknown-clock',
    'The offset of a clock that has none is refused',
    { proves: ['runtime/create/6'], needs: [kernel(5, 6)] },
    async (trial) => {
      await trial.refused(({ linux }) => {
        linux.namespaces.push({ type: 'time' });
        linux.timeOffsets = { realtime: { secs: 5 } };
      });
    },
  );
});
