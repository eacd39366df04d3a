import { deepEqual, equal } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Prepare } from '../lib/container.js';
import { cgroupsOf } from '../lib/machine.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';
import { neverStarts } from './support/process.js';

const proves = ['runtime/lifecycle/13', 'runtime/start/3'];

interface Scheduler {
  readonly policy: string;
  readonly [field: string]: unknown;
}

/** What is asked for, and what sched_getattr(2) answers then; whatever it leaves out is 0. */
const schedulers: readonly (readonly [string, Scheduler, Readonly<Record<string, number>>])[] = [
  ['other', { policy: 'SCHED_OTHER' }, { policy: 0 }],
  ['other-nice', { policy: 'SCHED_OTHER', nice: 7 }, { policy: 0, nice: 7 }],
  ['batch', { policy: 'SCHED_BATCH', nice: 3 }, { policy: 3, nice: 3 }],
  ['idle', { policy: 'SCHED_IDLE' }, { policy: 5 }],
  [
    'reset-on-fork',
    { policy: 'SCHED_BATCH', flags: ['SCHED_FLAG_RESET_ON_FORK'] },
    { policy: 3, flags: 1 },
  ],
];

/** Such as only root may have. */
const realTime: typeof schedulers = [
  ['other-negative-nice', { policy: 'SCHED_OTHER', nice: -5 }, { policy: 0, nice: -5 }],
  ['fifo', { policy: 'SCHED_FIFO', priority: 10 }, { policy: 1, priority: 10 }],
  ['round-robin', { policy: 'SCHED_RR', priority: 3 }, { policy: 2, priority: 3 }],
  [
    'deadline',
    { policy: 'SCHED_DEADLINE', runtime: 1_000_000, deadline: 20_000_000, period: 40_000_000 },
    { policy: 6, runtime: 1_000_000, deadline: 20_000_000, period: 40_000_000 },
  ],
];

const nothing = { flags: 0, nice: 0, priority: 0, runtime: 0, deadline: 0, period: 0 };

/** In cgroup v1 nobody has real time who was not given a share of it: sched(7). */
const asking =
  (scheduler: Scheduler): Prepare =>
  ({ process, linux }) => {
    process.scheduler = scheduler;
    const isShared = cgroupsOf('/').some((path) => existsSync(join(path, 'cpu.rt_runtime_us')));
    if (scheduler.priority && isShared)
      linux.resources = {
        ...linux.resources,
        cpu: { realtimePeriod: 1_000_000, realtimeRuntime: 20_000 },
      };
  };

const refused: readonly (readonly [string, Scheduler])[] = [
  ['unknown-policy', { policy: 'SCHED_NONSENSE' }],
  ['missing-in-the-kernel', { policy: 'SCHED_ISO' }],
  ['unknown-flag', { policy: 'SCHED_OTHER', flags: ['SCHED_FLAG_NONSENSE'] }],
  ['impossible-priority', { policy: 'SCHED_FIFO', priority: 100 }],
];

/** Class and level as ioprio_get(2) has them in one number. */
const ioPriorities: readonly (readonly [string, number, number])[] = [
  ['IOPRIO_CLASS_BE', 2, 0],
  ['IOPRIO_CLASS_BE', 2, 6],
  ['IOPRIO_CLASS_IDLE', 3, 0],
  ['IOPRIO_CLASS_RT', 1, 5],
];

const classShift = 13;

export const schedulingTests = subject('scheduling', (test) => {
  for (const [name, scheduler, seen] of [...schedulers, ...realTime])
    test(
      name,
      `The process is scheduled as asked: ${JSON.stringify(scheduler)}`,
      { proves, needs: realTime.some(([each]) => each === name) ? [root] : [] },
      async (trial) => {
        const { scheduling } = await trial.look(asking(scheduler));
        const { io: _, ...attributes } = scheduling;
        // Since 6.12 a slice of time is told of where nobody has asked for one.
        const { runtime, ...rest } = { ...nothing, ...seen };
        deepEqual(
          { ...attributes, ...(seen.policy === 6 ? {} : { runtime: 0 }) },
          { ...rest, runtime },
        );
      },
    );

  for (const [name, scheduler] of refused)
    test(
      name,
      `A scheduler that cannot be is an error: ${JSON.stringify(scheduler)}`,
      { proves: ['config/valid-values/1', 'runtime/lifecycle/2'] },
      async (trial) => {
        await neverStarts(trial, ({ process }) => {
          process.scheduler = scheduler;
        });
      },
    );

  for (const [name, kind, priority] of ioPriorities)
    test(
      `io-${name.slice(13).toLowerCase()}-${priority}`,
      `The process has the I/O priority ${priority} of ${name}`,
      { proves, needs: name === 'IOPRIO_CLASS_RT' ? [root] : [] },
      async (trial) => {
        const { scheduling } = await trial.look((config) => {
          config.process.ioPriority = { class: name, priority };
        });
        equal(scheduling.io, kind * 2 ** classShift + priority);
      },
    );

  const wrong: readonly (readonly [string, string, number])[] = [
    ['io-unknown-class', 'IOPRIO_CLASS_NONSENSE', 4],
    ['io-priority-too-high', 'IOPRIO_CLASS_BE', 8],
    ['io-priority-negative', 'IOPRIO_CLASS_BE', -1],
  ];
  for (const [name, kind, priority] of wrong)
    test(
      name,
      `An I/O priority that does not exist is an error: ${kind} ${priority}`,
      { proves: ['config/valid-values/1'] },
      async (trial) => {
        await neverStarts(trial, (config) => {
          config.process.ioPriority = { class: kind, priority };
        });
      },
    );
});
