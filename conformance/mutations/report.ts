import { countOf, type MutationReport, type Verdict } from './verdict.js';

const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
};

const details: Readonly<Record<Verdict['outcome'], (verdict: Verdict) => string>> = {
  caught: ({ test = '', failure = '' }) => `caught by ${test}: ${shortened(failure)}`,
  missed: ({ tests, broken, refused }) =>
    `MISSED by ${tests} tests, although it was broken in ${broken} of them${refused > 0 ? `, but refused in ${refused}` : ''}`,
  'not testable': ({ reason = '' }) => `not testable here: ${reason}`,
};

/** `no-umask: caught by process/umask: …`. */
export const lineOf = (verdict: Verdict): string =>
  `${verdict.name}: ${details[verdict.outcome](verdict)}`;

/** What was missed, and how much was not. */
export function summary({ runtime, mutations, seconds }: MutationReport): string {
  const missed = mutations.filter(({ outcome }) => outcome === 'missed');
  const lines = missed.map(
    (verdict) => `missed: a runtime that ${verdict.breaks} (${lineOf(verdict)})\n`,
  );
  const counts = (['caught', 'missed', 'not testable'] as const).map(
    (outcome) => `${countOf(mutations, outcome)} ${outcome}`,
  );
  const title = `${runtime.name} ${runtime.version}: ${mutations.length} mutations`;
  return `${lines.join('')}${title}: ${counts.join(', ')} (${Math.round(seconds)} s)\n`;
}
