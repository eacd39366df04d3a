import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportsOfVm } from '../../../conformance/machines/vm.js';
import { suitePasses } from '../../../conformance/machines/vm-tests.js';
import { htmlPage } from '../../../conformance/report/html.js';
import { markdownPage } from '../../../conformance/report/markdown.js';
import { toJson } from '../../../conformance/runner/json.js';
import { isBad, type RunReport } from '../../../conformance/runner/results.js';
import { build } from '../../build.js';
import { parseOptions } from '../arguments.js';
import { Complaint } from '../complaint.js';
import { ensurePackages } from '../packages.js';
import { distRunts, findProgram, root } from '../paths.js';
import { progress } from '../progress.js';
import { reportsIn, runSuite, type SuiteRun } from '../suite.js';
import { resultsFolder } from '../tally.js';

const options = {
  node: { type: 'boolean', default: false },
  vm: { type: 'boolean', default: false },
  filter: { type: 'string', multiple: true, default: [] as string[] },
  from: { type: 'string', multiple: true, default: [] as string[] },
} as const;

const footer = `
Every statement is in conformance-results.html beside this page. \`npm run conformance:results\` has made
both; [how to read them](conformance.md#outcomes).
`;

/** crun 1.8 refuses hybrid hosts, so that version 1 is what all can be compared on. */
function runsOf(others: readonly string[], isNodeToo: boolean): readonly SuiteRun[] {
  const node = isNodeToo ? [join(root, 'dist/node/main.js')] : [];
  return [
    { name: 'v1', runtimes: [distRunts, ...node, ...others], cgroups: 'v1' },
    { name: 'ordinary', runtimes: [distRunts, ...others], cgroups: 'v1', isOrdinary: true },
    // crun 1.8 raises a limit there for which this needs CAP_SYS_RESOURCE.
    {
      name: 'v2',
      runtimes: [distRunts, ...others.filter((path) => !path.endsWith('crun'))],
      cgroups: 'v2',
    },
    {
      name: 'engine',
      runtimes: [distRunts, ...others],
      cgroups: 'v1',
      args: ['--profile', 'engine'],
    },
  ];
}

/** A host without these hierarchies still has results of the others. */
async function reportsOf(run: SuiteRun, filter: readonly string[]): Promise<readonly RunReport[]> {
  progress(`Conformance: ${run.name}`);
  try {
    return reportsIn(await runSuite({ ...run, args: [...(run.args ?? []), ...filter] }));
  } catch (error) {
    progress(`Left out: ${run.name}: ${(error as Error).message}`);
    return [];
  }
}

/** Seconds. Emulated, it takes most of an hour of an idle machine. */
const vmLimit = 4 * 3600;

/** On cgroup v2 alone, with all of its controllers; kept, for `--from`. */
async function reportsOnV2(filter: readonly string[]): Promise<readonly RunReport[]> {
  const all = { runtimes: ['dist/runts', 'runc', 'crun'], filter };
  const asked = [all, { ...all, isOrdinary: true }, { ...all, profile: 'engine' }];
  const reports = await reportsOfVm(asked.flatMap(suitePasses), vmLimit);
  writeFileSync(join(resultsFolder, 'conformance-vm.json'), toJson(reports));
  return reports;
}

/** `npm run conformance:results`: every runtime of this machine side by side, in docs/. */
export async function results(args: readonly string[]): Promise<number> {
  const { node, vm, filter, from } = parseOptions(args, options);
  if (process.getuid?.() !== 0) throw new Complaint('Root runs the suite, also as another user.');
  await ensurePackages('build', 'test');
  await build({ quiet: true });
  const others = ['runc', 'crun'].flatMap((name) => findProgram(name) ?? []);
  const reports: RunReport[] = [];
  const asked = filter.flatMap((text) => ['--filter', text]);
  for (const run of runsOf(others, node)) reports.push(...(await reportsOf(run, asked)));
  if (vm) reports.push(...(await reportsOnV2(filter)));
  reports.push(...from.flatMap(reportsIn));
  writeFileSync(join(root, 'docs/conformance-results.html'), htmlPage(reports));
  writeFileSync(join(root, 'docs/conformance-results.md'), `${markdownPage(reports)}${footer}`);
  progress('Written: docs/conformance-results.html and .md');
  return reports.some((report) => report.results.some(isBad)) ? 1 : 0;
}
