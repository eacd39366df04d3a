import type { Process, Scheduler } from '../../generated/spec-types.js';
import { CPUS, parseList } from '../../linux/cpu-list.js';
import { fine, type Rule, wrong } from './rule.js';

const section = 'config.md#linux-process';

/** SCHED_FLAG_KEEP_POLICY and KEEP_PARAMS: the kernel goes on with what the process has. */
const keeps = ({ flags = [] }: Scheduler): boolean => flags.some((flag) => flag.includes('_KEEP_'));

const scheduling =
  (check: (scheduler: Scheduler) => ReturnType<Rule>): Rule =>
  ({ process }) =>
    process?.scheduler === undefined ? fine : check(process.scheduler);

/** sched(7); the kernel would cut other values. */
const nice = scheduling(({ nice = 0 }) =>
  nice >= -20 && nice <= 19 ? fine : wrong('/process/scheduler/nice', nice, '-20 to 19', section),
);

/** sched(7): the range of each policy that has static priorities. */
const priority = scheduling((scheduler) => {
  const { policy, priority = 0 } = scheduler;
  const isRealTime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
  const [least, most] = isRealTime ? [1, 99] : [0, 0];
  if (keeps(scheduler) || (priority >= least && priority <= most)) return fine;
  const allowed = `${isRealTime ? '1 to 99' : '0'} for ${policy}`;
  return wrong('/process/scheduler/priority', priority, allowed, section);
});

const times = ['runtime', 'deadline', 'period'] as const;

/** sched_setattr(2): these are for SCHED_DEADLINE only. */
const timesOfOthers = scheduling((scheduler) =>
  scheduler.policy === 'SCHED_DEADLINE'
    ? fine
    : times.flatMap((field) => {
        const value = scheduler[field] ?? 0;
        if (value <= 0) return fine;
        const allowed = `0 for ${scheduler.policy}`;
        return wrong(`/process/scheduler/${field}`, value, allowed, section);
      }),
);

/** sched_setattr(2): runtime <= deadline <= period. */
const deadline = scheduling((scheduler) => {
  const { policy, runtime = 0, deadline = 0, period = 0 } = scheduler;
  if (policy !== 'SCHED_DEADLINE' || keeps(scheduler)) return fine;
  if (runtime > 0 && runtime <= deadline && (period <= 0 || deadline <= period)) return fine;
  const allowed = 'at least the runtime, at most the period';
  return wrong('/process/scheduler/deadline', deadline, allowed, section);
});

type Affinity = NonNullable<Process['execCPUAffinity']>;

const affinity =
  (field: keyof Affinity): Rule =>
  ({ process }) => {
    const list = process?.execCPUAffinity?.[field] ?? '';
    if (list === '' || (parseList(list, CPUS)?.length ?? 0) > 0) return fine;
    const at = `/process/execCPUAffinity/${field}`;
    return wrong(at, list, `CPUs below ${CPUS}, such as 0-3,7`, section);
  };

export const schedulingRules: readonly Rule[] = [
  nice,
  priority,
  timesOfOthers,
  deadline,
  affinity('initial'),
  affinity('final'),
];
