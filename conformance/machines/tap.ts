import { stripVTControlCharacters } from 'node:util';
import type { Tally } from '../../native/setup/tally.js';

/** In TAP a `#` begins a directive, unless it is escaped. */
const escaped = (name: string) => name.replace(/[\\#]/g, '\\$&').replace(/\s+/g, ' ');

export const passed = (number: number, name: string, milliseconds: number): string =>
  `ok ${number} - ${escaped(name)} # time=${Math.round(milliseconds)}ms\n`;

export const skipped = (number: number, name: string): string =>
  `ok ${number} - ${escaped(name)} # SKIP\n`;

export const failed = (number: number, name: string, reason: string): string => {
  const lines = stripVTControlCharacters(reason).split('\n');
  return [`not ok ${number} - ${escaped(name)}`, '  ---', ...lines.map((line) => `  ${line}`)]
    .concat('  ...\n')
    .join('\n');
};

export const plan = (count: number): string => `1..${count}\n`;

export interface TapResult {
  readonly tally: Tally;
  /** What is wrong with the report itself: a machine that stops early must not look like success. */
  readonly complaints: readonly string[];
}

/** What several runs one after the other have reported, each with a plan of its own at its end. */
export function readTap(text: string, runs: number): TapResult {
  const lines = text.split(/\r?\n/);
  const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
  const skips = count(/^ok \d+ .* # SKIP( |$)/);
  // Known to fail, with a reason.
  const known = count(/^not ok \d+ .* # TODO( |$)/);
  const tally = {
    passed: count(/^ok \d+ /) - skips,
    failed: count(/^not ok \d+ /) - known,
    skipped: skips + known,
  };
  const complaints = [
    ...lines.filter((line) => line.startsWith('Bail out!')),
    ...planComplaints(lines, runs, tally.passed + tally.failed + tally.skipped),
  ];
  return { tally, complaints };
}

function planComplaints(lines: readonly string[], runs: number, results: number): string[] {
  const plans = lines.flatMap((line) => /^1\.\.(\d+)$/.exec(line)?.[1] ?? []).map(Number);
  if (plans.length !== runs) return [`${plans.length} of ${runs} runs came to their end`];
  const planned = plans.reduce((sum, each) => sum + each, 0);
  if (planned !== results) return [`${results} of ${planned} results arrived`];
  return plans.includes(0) ? ['a run had no test'] : [];
}
