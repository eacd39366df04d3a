import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isAlive, pids, textOf } from '../../lib/machine.js';
import { sendSignal } from '../../lib/send-signal.js';

const everyMs = 4;

/** One call in so many is killed. */
export const oneIn = 8;

/** A call of the runtime by an engine: its program with `--root`. */
const isCall = (pid: number, program: string): boolean => {
  const words = textOf(`/proc/${pid}/cmdline`).split('\0');
  return [program, basename(program)].includes(words[0] ?? '') && words.includes('--root');
};

/** Kills calls of a runtime at random moments until it is told to stop; answers how many. */
export async function killAtRandom(program: string, done: () => boolean): Promise<number> {
  const seen = new Set<number>();
  let killed = 0;
  while (!done()) {
    const started = pids().filter((pid) => !seen.has(pid));
    for (const pid of started) {
      seen.add(pid);
      if (isCall(pid, program) && Math.random() * oneIn < 1 && kill(pid)) killed++;
    }
    // Anywhere between the first steps of a call and the last.
    await setTimeout(everyMs * 2 * Math.random());
  }
  return killed;
}

function kill(pid: number): boolean {
  try {
    sendSignal(pid, 'SIGKILL');
    return true;
  } catch {
    return isAlive(pid);
  }
}
