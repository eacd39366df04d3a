import { readFileSync } from 'node:fs';
import { maskOf } from './capabilities.js';

export const unlimited = 2n ** 64n - 1n;

/** Number in asm-generic/resource.h, what /proc/PID/limits calls it, a value that harms nobody. */
const row = (number: number, title: string, hard: bigint) => ({ number, title, hard });

export const rlimits = {
  CPU: row(0, 'Max cpu time', 100_000n),
  FSIZE: row(1, 'Max file size', 5_000_000_000_000n),
  DATA: row(2, 'Max data size', 1n << 44n),
  STACK: row(3, 'Max stack size', 16n << 20n),
  CORE: row(4, 'Max core file size', 1_000_000n),
  RSS: row(5, 'Max resident set', 1n << 44n),
  NPROC: row(6, 'Max processes', 20_000n),
  NOFILE: row(7, 'Max open files', 1000n),
  MEMLOCK: row(8, 'Max locked memory', 1n << 20n),
  AS: row(9, 'Max address space', 1n << 44n),
  LOCKS: row(10, 'Max file locks', 5000n),
  SIGPENDING: row(11, 'Max pending signals', 5000n),
  MSGQUEUE: row(12, 'Max msgqueue size', 500_000n),
  NICE: row(13, 'Max nice priority', 20n),
  RTPRIO: row(14, 'Max realtime priority', 40n),
  RTTIME: row(15, 'Max realtime timeout', 9_000_000n),
} as const;

export type RlimitName = keyof typeof rlimits;

const number = (text = '0'): bigint => (text === 'unlimited' ? unlimited : BigInt(text));

/** Of this process, and so of the runtime. */
export function limitsHere(name: RlimitName): { soft: bigint; hard: bigint } {
  const text = readFileSync('/proc/self/limits', 'utf8');
  const line = text.split('\n').find((each) => each.startsWith(rlimits[name].title)) ?? '';
  const [soft, hard] = line.slice(rlimits[name].title.length).trim().split(/\s+/);
  return { soft: number(soft), hard: number(hard) };
}

const CAP_SYS_RESOURCE = 24n;

/** Above the hard limit that there is: in no user namespace of somebody without privileges. */
export const mayRaise = (isRoot: boolean): boolean => {
  const effective = /^CapEff:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return isRoot && ((maskOf(effective) >> CAP_SYS_RESOURCE) & 1n) === 1n;
};
