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

function refusing<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Refusal(`${path}: ${(error as Error).message}`);
  }
}

/** What an earlier `--json` has printed; `path` is where it was kept. */
export function reportsOf(text: string, path: string): readonly RunReport[] {
  const value: unknown = refusing(path, () => JSON.parse(text));
  if (!isKept(value)) throw new Refusal(`${path} is not what --json prints`);
  return value.reports;
}

export const fromJson = (path: string): readonly RunReport[] =>
  reportsOf(
    refusing(path, () => readFileSync(path, 'utf8')),
    path,
  );
