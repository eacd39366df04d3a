/** What somebody who waits sees, on the error output. */
import { countOf, isBad, type Result, type RunReport } from './results.js';

const quick = 5000;

/** A line that counts on a terminal; elsewhere one now and then. Bad results always. */
export function progressOf(name: string, total: number, stream = process.stderr) {
  let [done, last] = [0, 0];
  const clear = stream.isTTY ? '\r\u001b[K' : '';
  return (result: Result): void => {
    done++;
    if (isBad(result))
      stream.write(`${clear}${name}: ${result.outcome}: ${result.id}: ${result.reason ?? ''}\n`);
    const now = performance.now();
    if (!stream.isTTY && now - last < quick && done < total) return;
    last = now;
    stream.write(`${clear}${name}: ${done} of ${total}${stream.isTTY ? '' : '\n'}`);
    if (stream.isTTY && done === total) stream.write(clear);
  };
}

const outcomes = ['pass', 'fail', 'not testable', 'expected failure', 'unexpected pass'] as const;

/** `runc 1.1.5: 300 pass, 0 fail, 12 not testable …`. */
export function summary({ runtime, results, seconds }: RunReport): string {
  const counts = outcomes.map((outcome) => `${countOf(results, outcome)} ${outcome}`);
  return `${runtime.name} ${runtime.version}: ${counts.join(', ')} (${Math.round(seconds)} s)\n`;
}
