import { join } from 'node:path';
import { build } from '../../native/build.js';
import { parseOptions } from '../../native/setup/arguments.js';
import { Complaint } from '../../native/setup/complaint.js';
import { ensurePackages } from '../../native/setup/packages.js';
import { root } from '../../native/setup/paths.js';
import { progress } from '../../native/setup/progress.js';
import {
  readReport,
  resultsFolder,
  summaryOf,
  type Tally,
  tallyOf,
} from '../../native/setup/tally.js';
import { showInWorld } from './namespace.js';

const options = {
  /** A part of a file's name. */
  file: { type: 'string', default: '' },
  /** A part of a case's name. */
  only: { type: 'string' },
  brief: { type: 'boolean', default: false },
  /** So many containers with each engine and runtime, whose calls are killed at random. */
  soak: { type: 'string' },
} as const;

/** `npm run test:engines`: Docker, containerd and Podman use runts, and runc beside it. */
export async function testEngines(args: readonly string[]): Promise<number> {
  const { file, only, brief, soak } = parseOptions(args, options);
  await ensurePackages('build', 'engines');
  await build({ quiet: true });
  const pattern = only === undefined ? [] : ['--testNamePattern', only];
  const files = soak === undefined ? [file].filter(Boolean) : ['soak.test'];
  const tally = await engineTests(brief, [...pattern, ...files], soak);
  progress(summaryOf(tally));
  return tally.failed === 0 ? 0 : 1;
}

/** The tests alone, with what was built. */
export async function engineTests(
  brief: boolean,
  more: readonly string[] = [],
  soak = '0',
): Promise<Tally> {
  if (process.getuid?.() !== 0) throw new Complaint('Starting engines takes root.');
  const output = join(resultsFolder, 'engines.json');
  const reporter = join(root, 'conformance/machines/tap-reporter.ts');
  const status = await showInWorld(
    [
      ...[join(root, 'node_modules/.bin/vitest'), 'run', '--project', 'engines'],
      ...[`--reporter=${reporter}`, '--reporter=json', `--outputFile.json=${output}`],
      ...(soak === '0' ? ['--exclude', 'conformance/engines/soak.test.ts'] : []),
      ...more,
    ],
    {
      RUNTS_ENGINES_BRIEF: String(brief),
      RUNTS_ENGINES_SOAK: soak,
    },
  );
  return tallyOf(readReport(output), status);
}
