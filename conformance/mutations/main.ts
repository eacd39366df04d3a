/** `--mutations`: is every broken behaviour noticed? */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setPatience } from '../lib/until.js';
import { probe } from '../probe/program.js';
import { expectationsOf, expected } from '../runner/expected.js';
import { type Host, thisHost } from '../runner/host.js';
import { Interruption } from '../runner/interruption.js';
import type { Options } from '../runner/options.js';
import { profiles } from '../runner/profiles.js';
import { Refusal } from '../runner/refusal.js';
import { identify, type Runtime } from '../runner/runtime.js';
import type { Test } from '../runner/test.js';
import { type Court, judge } from './judge.js';
import type { Mutation } from './mutation.js';
import { mutant } from './program.js';
import { lineOf, summary } from './report.js';
import { mutations } from './tables.js';
import { countOf, type MutationReport, type Verdict } from './verdict.js';

/** A broken runtime is waited for in vain again and again. */
const enough = 4000;

/** All, or those that are named. */
export function chosen(names: string): readonly Mutation[] {
  const wanted = names.split(',').filter(Boolean);
  const unknown = wanted.filter((name) => mutations.every((each) => each.name !== name));
  if (unknown.length > 0) throw new Refusal(`No mutation is called ${unknown.join(', ')}`);
  return wanted.length === 0 ? mutations : mutations.filter(({ name }) => wanted.includes(name));
}

type Tests = Court['tests'];

/** What a runtime fails anyhow tells nothing. */
function testsFor(runtime: Runtime, host: Host, filter: readonly string[]): Tests {
  const known = expected(expectationsOf(runtime.name), runtime, host);
  const isMeant = ({ id, proves }: Test) =>
    !known.has(id) &&
    (filter.length === 0 || filter.some((part) => [id, ...proves].join(' ').includes(part)));
  const all: Partial<Record<string, { readonly tests: readonly Test[] }>> = profiles;
  const of = (name: string) => (all[name]?.tests ?? []).filter(isMeant);
  return { spec: of('spec'), engine: of('engine') };
}

async function judgeAll(court: Court, all: readonly Mutation[], jobs: number): Promise<Verdict[]> {
  const verdicts = new Map<Mutation, Verdict>();
  const waiting = [...all];
  const worker = async () => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      const verdict = await judge(court, each);
      if (court.signal.aborted) return;
      verdicts.set(each, verdict);
      process.stderr.write(`${verdicts.size} of ${all.length}: ${lineOf(verdict)}\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return all.flatMap((each) => verdicts.get(each) ?? []);
}

async function reportOn(
  runtime: Runtime,
  options: Options,
  names: string,
  signal: AbortSignal,
): Promise<MutationReport> {
  const host = thisHost();
  const [date, start] = [new Date().toISOString(), performance.now()];
  const folder = mkdtempSync(join(tmpdir(), 'runts-mutations-'));
  try {
    const tests = testsFor(runtime, host, options.filter);
    const court = { runtime, host, tests, folder, program: mutant(), signal };
    const verdicts = await judgeAll(court, chosen(names), options.jobs);
    const seconds = (performance.now() - start) / 1000;
    return { runtime, host, date, seconds, mutations: verdicts };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The exit status is 0 if nothing was missed, otherwise 1. */
export async function checkMutations(options: Options, names: string): Promise<number> {
  setPatience(enough);
  probe();
  const interruption = new Interruption();
  const { signal } = interruption;
  const reports: MutationReport[] = [];
  for (const path of options.runtime)
    if (!signal.aborted) reports.push(await reportOn(identify([path]), options, names, signal));
  if (options.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  else for (const report of reports) process.stdout.write(summary(report));
  if (interruption.status !== undefined) return interruption.status;
  return reports.every((report) => countOf(report.mutations, 'missed') === 0) ? 0 : 1;
}
