import type { Status } from './transitions.js';

export interface Observation {
  /** Init lives: same pid, same start time, no zombie. */
  readonly alive: boolean;
  readonly frozen: boolean;
  /** Somebody still listens for `start`. */
  readonly waiting: boolean;
}

/** Observed, never trusted from a file. The order of the tests is runc's. */
export function statusOf({ alive, frozen, waiting }: Observation): Status {
  if (!alive) return 'stopped';
  if (frozen) return 'paused';
  return waiting ? 'created' : 'running';
}

/** What proc_pid_stat(5) tells of a process. */
export interface ProcessStat {
  readonly state: string;
  /** In clock ticks since boot, as text: it needs no arithmetic. */
  readonly startTime: string;
  /** All that was read. */
  readonly text: string;
}

/** The command's name may hold spaces and parentheses, so fields count from the last `)`. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 20);
  return { state: fields[0] ?? '', startTime: fields[19] ?? '', text };
}

/** The parent's pid, as the procfs counts that the text comes from. */
export const parentIn = (text: string): number =>
  Number(text.slice(text.lastIndexOf(')') + 2).split(' ', 2)[1]);

/** The same text up to and with the start time: whatever begins like this is of this process. */
export function untilStartTime({ text }: ProcessStat): string {
  let end = text.lastIndexOf(')') + 2;
  for (let field = 0; field < 20; field++) end = text.indexOf(' ', end) + 1;
  return text.slice(0, end);
}
