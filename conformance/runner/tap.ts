/** Results as TAP, version 14. */
import { isBad, type Result } from './results.js';

const directives: Partial<Record<Result['outcome'], string>> = {
  'not testable': 'SKIP',
  'expected failure': 'TODO',
};

const escaped = (text: string): string => text.replace(/[\\#]/g, '\\$&').replace(/\s+/g, ' ');

function block({ reason, failure, proves, milliseconds }: Result): string {
  const rows = { reason, failure, proves, duration_ms: milliseconds };
  const lines = Object.entries(rows)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`);
  return `  ---\n${lines.join('')}  ...\n`;
}

export function tapLine(result: Result, number: number): string {
  const { id, title, outcome, reason } = result;
  const isOk = outcome !== 'expected failure' && !isBad(result);
  const directive = directives[outcome];
  const why = directive === undefined ? '' : ` # ${directive} ${escaped(reason ?? '')}`;
  return `${isOk ? 'ok' : 'not ok'} ${number} - ${escaped(`${id}: ${title}`)}${why}\n${block(result)}`;
}

/** Comes first, so that a run that ends early cannot look whole. */
export const tapPlan = (count: number): string => `TAP version 14\n1..${count}\n`;

export const tapBailOut = 'Bail out! Interrupted\n';
