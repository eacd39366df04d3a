/** Results as JSON, to be kept and to be shown later together with others (docs/conformance.md). */
import { readFileSync } from 'node:fs';
import { Refusal } from './refusal.js';
import type { RunReport } from './results.js';

/** Raised when a reader of the last one would misunderstand. */
const format = 1;

export interface Kept {
  readonly format: number;
  readonly reports: readonly RunReport[];
}

export const toJson = (reports: readonly RunReport[]): string =>
  `${JSON.stringify({ format, reports } satisfies Kept, null, 2)}\n`;

const isKept = (value: unknown): value is Kept => {
  const { format: found, reports } = (value ?? {}) as Partial<Kept>;
  return found === format && Array.isArray(reports);
};

/** What an earlier `--json` has printed. */
export function fromJson(path: string): readonly RunReport[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Refusal(`${path}: ${(error as Error).message}`);
  }
  if (!isKept(value)) throw new Refusal(`${path} is not what --json prints`);
  return value.reports;
}
