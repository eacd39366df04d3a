/** `runts-conformance`: the exit status is 0 if nothing failed that should not, otherwise 1. */
import { specificationVersion } from '../statements/all.js';
import { expectationsOf, expected } from './expected.js';
import { thisHost } from './host.js';
import { type Options, parseOptions } from './options.js';
import { profiles } from './profiles.js';
import { progressOf, summary } from './progress.js';
import { isBad, type RunReport } from './results.js';
import { runTests } from './run.js';
import { identify } from './runtime.js';
import { tap } from './tap.js';
import type { Test } from './test.js';

const isAsked = ({ id, proves }: Test, filter: readonly string[]): boolean =>
  filter.length === 0 || filter.some((part) => [id, ...proves].some((text) => text.includes(part)));

export async function reportOn(words: readonly string[], options: Options): Promise<RunReport> {
  const [runtime, host] = [identify(words), thisHost()];
  const tests = profiles[options.profile].tests.filter((test) => isAsked(test, options.filter));
  const [date, start] = [new Date().toISOString(), performance.now()];
  const results = await runTests({
    runtime,
    host,
    tests,
    expected: expected(expectationsOf(runtime.name), runtime, host),
    jobs: options.jobs,
    onResult: progressOf(runtime.name, tests.length),
  });
  const seconds = (performance.now() - start) / 1000;
  const { profile } = options;
  return { runtime, profile, specification: specificationVersion, host, date, seconds, results };
}

function print(reports: readonly RunReport[], { tap: asTap, json }: Options): void {
  const [first] = reports;
  if (asTap && first) process.stdout.write(tap(first.results));
  if (json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  for (const report of reports) process.stderr.write(summary(report));
}

export async function main(args: readonly string[]): Promise<number> {
  const options = await parseOptions(args);
  if (options.list) {
    const tests = profiles[options.profile].tests.filter((test) => isAsked(test, options.filter));
    for (const { id, title } of tests) process.stdout.write(`${id}: ${title}\n`);
    return 0;
  }
  const reports: RunReport[] = [];
  for (const program of options.runtime) reports.push(await reportOn([program], options));
  print(reports, options);
  return reports.some(({ results }) => results.some(isBad)) ? 1 : 0;
}
