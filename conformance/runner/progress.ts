/** What somebody who waits sees, on the error output. */
import { countOf, isBad, nameOf, type Result, type RunReport } from './results.js';

const quick = 5000;

/** What is known while tests run. */
interface Count {
  readonly done: number;
  readonly bad: number;
  readonly total: number;
}

const counted = (name: string, { done, bad, total }: Count): string =>
  `${name}: ${done} of ${total}${bad === 0 ? '' : `, ${bad} failed`}`;

/** All lines but the first are further in. */
export const complaint = (name: string, { outcome, id, reason = '' }: Result): string =>
  `${name}: ${outcome}: ${id}\n${reason.trim().replace(/^/gm, '    ')}\n`;

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A line that counts on a terminal; elsewhere one now and then. Bad results always. */
export function progressOf(name: string, total: number, screen: Screen = process.stderr) {
  let [done, bad, last] = [0, 0, performance.now()];
  const clear = screen.isTTY ? '\r\u001b[K' : '';
  const line = (id: string): string => {
    const text = counted(name, { done, bad, total });
    return screen.isTTY ? `${text}  ${id}`.slice(0, (screen.columns ?? 80) - 1) : `${text}\n`;
  };
  return (result: Result): void => {
    done++;
    if (isBad(result)) {
      bad++;
      screen.write(`${clear}${complaint(name, result)}`);
    }
    const now = performance.now();
    if (!screen.isTTY && now - last < quick) return;
    last = now;
    screen.write(`${clear}${line(result.id)}`);
    if (done === total) screen.write(clear);
  };
}

const outcomes = ['pass', 'fail', 'not testable', 'expected failure', 'unexpected pass'] as const;

/** `runc 1.1.5: 300 pass, 0 fail, 12 not testable …`. */
export function summary(report: RunReport): string {
  const { runtime, results, seconds, interrupted } = report;
  const counts = outcomes.map((outcome) => `${countOf(results, outcome)} ${outcome}`);
  const end = interrupted ? 'interrupted after ' : '';
  return `${nameOf(runtime)}: ${counts.join(', ')} (${end}${Math.round(seconds)} s)\n`;
}
