import { join } from 'node:path';
import { lacksForVm, testBrieflyInVm } from '../../conformance/machines/vm.js';
import { build } from '../build.js';
import { Complaint } from './complaint.js';
import { ensurePackages } from './packages.js';
import { distRunts, root } from './paths.js';
import { progress } from './progress.js';
import { show } from './run.js';
import { reportsIn, runSuite, type SuiteRun, skippedBy, tallyOfReport } from './suite.js';
import { addUp, readReport, resultsFolder, skippedGroups, type Tally, tallyOf } from './tally.js';

export interface Check {
  readonly name: string;
  /** An earlier check, without whose success this one says nothing. */
  readonly needs?: string;
  readonly run: () => Promise<Tally>;
}

const passed: Tally = { passed: 0, failed: 0, skipped: 0 };
const failed: Tally = { passed: 0, failed: 1, skipped: 0 };

/** Loaded late, as it needs packages of its own. */
const engines: Check = {
  name: 'engines',
  needs: 'build',
  async run() {
    await ensurePackages('engines');
    const { engineTests } = await import('../../conformance/engines/engines.js');
    return engineTests(true);
  },
};

/** What `npm test` does, in order: the cheap before the dear. */
export const checks: readonly Check[] = [
  { name: 'build', run: () => build().then(() => passed) },
  { name: 'types of the shared source', run: () => tool('tsc', '-p', 'tsconfig.json') },
  { name: 'types of tests and tools', run: () => tool('tsc', '-p', 'tsconfig.node.json') },
  { name: 'lint and format', run: () => tool('biome', 'check', '.') },
  { name: 'unit tests', run: () => vitest('unit') },
  { name: 'kernel tests', needs: 'build', run: () => vitest('kernel') },
  { name: 'end-to-end tests', needs: 'build', run: () => vitest('e2e') },
  { name: 'conformance', needs: 'build', run: conformance },
  // They install engines, which not everybody wants on the machine at hand.
  ...(process.env.CI === 'true' ? [engines] : []),
  { name: 'virtual machine', needs: 'build', run: machine },
];

async function tool(name: string, ...args: readonly string[]): Promise<Tally> {
  const status = await show(join(root, 'node_modules/.bin', name), args);
  return status === 0 ? passed : failed;
}

async function vitest(project: string): Promise<Tally> {
  const output = join(resultsFolder, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
  const program = join(root, 'node_modules/.bin/vitest');
  const status = await show(program, ['run', '--project', project, ...reporters]);
  const report = readReport(output);
  for (const group of report ? skippedGroups(report) : []) progress(`Skipped: ${group}`);
  return tallyOf(report, status);
}

/** Node takes several times as long to start: its engine gets where engines differ. */
const partForNode = ['states/', 'features/', 'hook-failures/', 'terminal/', 'capabilities/'];

const suiteRuns: readonly (SuiteRun & { readonly takesRoot?: true })[] = [
  { name: 'root', runtimes: [distRunts], takesRoot: true },
  { name: 'engine', runtimes: [distRunts], args: ['--profile', 'engine'], takesRoot: true },
  {
    name: 'node',
    runtimes: [join(root, 'dist/node/main.js')],
    args: partForNode.flatMap((part) => ['--filter', part]),
    takesRoot: true,
  },
  { name: 'ordinary', runtimes: [distRunts], isOrdinary: true },
];

/** What runts itself makes of the suite, on this machine as it is. */
async function conformance(): Promise<Tally> {
  const tallies: Tally[] = [];
  for (const { takesRoot, ...run } of suiteRuns) {
    if (takesRoot && process.getuid?.() !== 0) {
      progress(`Skipped: conformance (${run.name}) takes root`);
      tallies.push({ passed: 0, failed: 0, skipped: 1 });
      continue;
    }
    const reports = reportsIn(await runSuite(run));
    for (const reason of reports.flatMap(skippedBy)) progress(`Skipped (${run.name}): ${reason}`);
    tallies.push(...reports.map(tallyOfReport));
  }
  return addUp(tallies);
}

/** Only CI has its minutes unasked; there, a machine that cannot run it says nothing about the code. */
async function machine(): Promise<Tally> {
  const lack = lacksForVm();
  const isCi = process.env.CI === 'true';
  if (lack === null && isCi) return testBrieflyInVm();
  if (isCi) throw new Complaint(`The virtual machine ${lack}.`);
  progress(
    `Skipped: the virtual machine ${lack ?? 'is started where CI=true, or by npm run test:vm'}`,
  );
  return { passed: 0, failed: 0, skipped: 1 };
}
