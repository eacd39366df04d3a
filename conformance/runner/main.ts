/**
 * `runts-conformance`: the exit status is 0 if nothing failed that should not, otherwise 1, and 2 if
 * nothing could be tested.
 */

import { writeFileSync } from 'node:fs';
import { checkMutations } from '../mutations/main.js';
import { probe } from '../probe/program.js';
import { htmlPage } from '../report/html.js';
import { markdownPage } from '../report/markdown.js';
import { specificationVersion } from '../statements/all.js';
import { expectationsOf, expected } from './expected.js';
import { thisHost } from './host.js';
import { Interruption } from './interruption.js';
import { fromJson, toJson } from './json.js';
import { type Options, parseOptions } from './options.js';
import { profiles } from './profiles.js';
import { progressOf, summary } from './progress.js';
import { Refusal } from './refusal.js';
import { isBad, nameOf, type Result, type RunReport } from './results.js';
import { runTests } from './run.js';
import { identify, type Runtime } from './runtime.js';
import { tapBailOut, tapLine, tapPlan } from './tap.js';
import type { Test } from './test.js';
import { inView } from './view.js';

const isAsked = ({ id, proves }: Test, filter: readonly string[]): boolean =>
  filter.length === 0 || filter.some((part) => [id, ...proves].some((text) => text.includes(part)));

const chosen = ({ profile, filter }: Options): readonly Test[] => {
  const tests = profiles[profile].tests.filter((test) => isAsked(test, filter));
  if (tests.length === 0) throw new Refusal(`No test is called like ${filter.join(' or ')}`);
  return tests;
};

function list(options: Options): number {
  for (const { id, title } of chosen(options)) process.stdout.write(`${id}: ${title}\n`);
  return 0;
}

/** What happens with each result at once. */
function tellerOf(runtime: Runtime, total: number, { tap }: Options): (result: Result) => void {
  const show = progressOf(nameOf(runtime), total);
  if (!tap) return show;
  process.stdout.write(tapPlan(total));
  let number = 0;
  return (result) => {
    process.stdout.write(tapLine(result, ++number));
    show(result);
  };
}

async function reportOn(
  runtime: Runtime,
  options: Options,
  signal: AbortSignal,
): Promise<RunReport> {
  const [host, tests] = [thisHost(), chosen(options)];
  const [date, start] = [new Date().toISOString(), performance.now()];
  const results = await runTests({
    runtime,
    host,
    tests,
    expected: expected(expectationsOf(runtime.name), runtime, host),
    jobs: options.jobs,
    onResult: tellerOf(runtime, tests.length, options),
    signal,
  });
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  return {
    ...{ runtime, profile: options.profile, specification: specificationVersion },
    ...{ host, date, seconds, results },
    ...(signal.aborted ? { interrupted: true as const } : {}),
  };
}

function print(reports: readonly RunReport[], { tap, json }: Options): void {
  if (tap && reports.some(({ interrupted }) => interrupted)) process.stdout.write(tapBailOut);
  if (json) process.stdout.write(toJson(reports));
  for (const report of reports) process.stderr.write(summary(report));
}

function write(reports: readonly RunReport[], { html, markdown }: Options): void {
  if (html !== undefined) writeFileSync(html, htmlPage(reports));
  if (markdown !== undefined) writeFileSync(markdown, markdownPage(reports));
}

async function testAll(options: Options): Promise<number> {
  const earlier = options.from.flatMap(fromJson);
  const runtimes = options.runtime.map((program) => identify([program]));
  if (runtimes.length > 0) probe();
  const interruption = new Interruption();
  const reports: RunReport[] = [];
  for (const runtime of runtimes)
    if (interruption.status === undefined)
      reports.push(await reportOn(runtime, options, interruption.signal));
  print(reports, options);
  if (interruption.status === undefined) write([...earlier, ...reports], options);
  if (interruption.status !== undefined) return interruption.status;
  return reports.some(({ results }) => results.some(isBad)) ? 1 : 0;
}

async function perform(args: readonly string[]): Promise<number> {
  const options = await parseOptions(args);
  if (options.list) return list(options);
  const { mutations } = options;
  return inView(options.cgroups, () =>
    mutations === undefined ? testAll(options) : checkMutations(options, mutations),
  );
}

export async function main(args: readonly string[]): Promise<number> {
  try {
    return await perform(args);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`runts-conformance: ${error.message}\n`);
    return 2;
  }
}
