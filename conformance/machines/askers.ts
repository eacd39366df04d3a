import { readFileSync } from 'node:fs';

/** Parent and process group, fields 4 and 5 of proc_pid_stat(5). */
function familyOf(pid: number): readonly [parent: number, group: number] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, , parent, group] = stat.slice(stat.lastIndexOf(')')).split(' ').map(Number);
    return [parent ?? 0, group ?? 0];
  } catch {
    return [0, 0];
  }
}

/** Our ancestors in our process group: npm, and whatever script has started it. */
export function askers(): string {
  const pids: number[] = [];
  const [, own] = familyOf(process.pid);
  for (let pid = process.pid; ; ) {
    const [parent, group] = familyOf(pid);
    if (group !== own) return pids.join(' ');
    pids.push(pid);
    pid = parent;
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `act` when somebody wants this run to end, or nobody waits for it any more. */
export function onAbort(act: (why: string) => void): Disposable {
  const atFirst = askers();
  const hear = (signal: NodeJS.Signals) => act(`we got ${signal}`);
  for (const signal of signals) process.on(signal, hear);
  const look = () => {
    if (askers() !== atFirst) act('whoever has started this run has ended');
  };
  const timer = setInterval(look, 1000);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const signal of signals) process.off(signal, hear);
    },
  };
}
