import { RuntimeError } from '../errors/error.js';

/** signal(7), x86-64 and arm64. */
export const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

export type SignalName = keyof typeof signals;

const aliases: Readonly<Record<string, SignalName>> = {
  SIGCLD: 'SIGCHLD',
  SIGIOT: 'SIGABRT',
  SIGPOLL: 'SIGIO',
  SIGUNUSED: 'SIGSYS',
};

/** The first and last real-time signal that a C library leaves to programs: nptl(7) keeps 32, 33. */
const SIGRTMIN = 34;
const SIGRTMAX = 64;

/**
 * A signal's number. Numbers are passed on as they are, even impossible ones: it is kill(2) that
 * refuses those, so `-9` is the number -9.
 */
export function parseSignal(text: string): number {
  const number = /^[+-]?\d{1,9}$/.test(text) ? Number(text) : byName(text.toUpperCase());
  if (number === undefined)
    throw new RuntimeError('usage', `unknown signal ${JSON.stringify(text)}`);
  return number;
}

function byName(upper: string): number | undefined {
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const known: Readonly<Record<string, number>> = signals;
  return Object.hasOwn(known, name) ? known[name] : (byAlias(name) ?? realTime(name));
}

function byAlias(name: string): number | undefined {
  const proper = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  return proper && signals[proper];
}

/** RTMIN, RTMIN+1…30, RTMAX, RTMAX-1…30. */
function realTime(name: string): number | undefined {
  const [, base, offset = '0'] =
    /^SIGRT(MIN(?=$|\+)|MAX(?=$|-))(?:[+-](\d{1,2}))?$/.exec(name) ?? [];
  if (base === undefined) return undefined;
  const number = base === 'MIN' ? SIGRTMIN + Number(offset) : SIGRTMAX - Number(offset);
  return number < SIGRTMIN || number > SIGRTMAX ? undefined : number;
}

/** `SIGKILL` for 9, `SIGRTMIN+2` for 36; `signal 99` for a number without a name. */
export function signalName(number: number): string {
  const row = Object.entries(signals).find(([, value]) => value === number);
  if (row !== undefined) return row[0];
  if (number < SIGRTMIN || number > SIGRTMAX) return `signal ${number}`;
  return number === SIGRTMIN ? 'SIGRTMIN' : `SIGRTMIN+${number - SIGRTMIN}`;
}
