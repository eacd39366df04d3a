import { describe, expect, it, test } from 'vitest';
import type { Linux, Process } from '../generated/spec-types.js';
import { planOf, withLinux, withProcess } from '../testing/plans.js';
import { showSteps } from '../testing/show-steps.js';
import { tuningSteps } from './tuning-steps.js';

const stepsOf = (process: Partial<Process>, linux: Partial<Linux> = {}) => {
  const spec = { ...withProcess(process), linux: withLinux(linux).linux! };
  return showSteps(tuningSteps(planOf(spec).process.tuning));
};

test('what is not asked for costs no call', () => {
  expect(stepsOf({})).toEqual([]);
});

/** struct sched_attr as hexadecimal digits: size, policy, flags, nice, priority, three times, clamps. */
const attributes = (...fields: readonly string[]) =>
  `<38000000${fields.join('')}${'00'.repeat(8)}>`;
const zero = '00'.repeat(8);

describe('the scheduler', () => {
  it.each([
    [
      { policy: 'SCHED_OTHER', nice: -5 },
      ['00000000', zero, 'fbffffff', '00000000', zero, zero, zero],
    ],
    [
      { policy: 'SCHED_FIFO', priority: 99 },
      ['01000000', zero, '00000000', '63000000', zero, zero, zero],
    ],
    [
      { policy: 'SCHED_IDLE', flags: ['SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_UTIL_CLAMP_MAX'] },
      ['05000000', '4100000000000000', '00000000', '00000000', zero, zero, zero],
    ],
    [
      { policy: 'SCHED_DEADLINE', runtime: 1024, deadline: 2n ** 63n - 1n, period: 2n ** 63n },
      [
        ...['06000000', zero, '00000000', '00000000'],
        ...['0004000000000000', 'ffffffffffffff7f', '0000000000000080'],
      ],
    ],
  ] as const)('%o', (scheduler, fields) => {
    const [flags = []] = ['flags' in scheduler ? [...scheduler.flags] : []];
    expect(stepsOf({ scheduler: { ...scheduler, flags } })).toEqual([
      `sched_setattr(0, ${attributes(...fields)}, 0) # /process/scheduler: set ${scheduler.policy}`,
    ]);
  });
});

test('I/O priority, execution domain and memory policy follow, in this order', () => {
  const linux: Partial<Linux> = {
    personality: { domain: 'LINUX32' },
    memoryPolicy: { mode: 'MPOL_BIND', nodes: '0,9', flags: ['MPOL_F_STATIC_NODES'] },
  };
  const process: Partial<Process> = {
    scheduler: { policy: 'SCHED_BATCH' },
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 7 },
  };
  expect(stepsOf(process, linux).slice(1)).toEqual([
    'ioprio_set(2, 0, 16391) # /process/ioPriority: set IOPRIO_CLASS_BE',
    'personality(8) # /linux/personality: set LINUX32',
    `set_mempolicy(32770, <0102${'00'.repeat(126)}>, 0x401) # /linux/memoryPolicy: set MPOL_BIND`,
  ]);
});

test('a memory policy without nodes has no mask', () => {
  const linux: Partial<Linux> = { memoryPolicy: { mode: 'MPOL_DEFAULT' } };
  expect(stepsOf({}, linux)).toEqual([
    'set_mempolicy(0, NULL, 0) # /linux/memoryPolicy: set MPOL_DEFAULT',
  ]);
});
