import { rmSync } from 'node:fs';
import { parseOptions } from '../arguments.js';
import { type Check, checks } from '../checks.js';
import { Complaint } from '../complaint.js';
import { ensurePackages } from '../packages.js';
import { progress } from '../progress.js';
import { addUp, resultsFolder, type Tally, writeSummary } from '../tally.js';

/** `npm test`: every check runs, whatever the earlier ones said, unless it stands on one of them. */
export async function test(args: readonly string[]): Promise<number> {
  parseOptions(args, {});
  rmSync(resultsFolder, { recursive: true, force: true });
  await ensurePackages('build', 'test');
  if (process.getuid?.() !== 0) progress('Not root: the tests that need root will be skipped');
  const failed = new Set<string>();
  const tallies: Tally[] = [];
  for (const check of checks) {
    const tally = failed.has(check.needs ?? '') ? leftOut(check) : await perform(check);
    if (tally.failed > 0) failed.add(check.name);
    tallies.push(tally);
  }
  const total = addUp(tallies);
  const line = writeSummary(total);
  progress(failed.size === 0 ? line : `${line} (${[...failed].join(', ')})`);
  return failed.size === 0 ? 0 : 1;
}

function leftOut({ name, needs }: Check): Tally {
  progress(`Not run: ${name}, because ${needs} failed`);
  return { passed: 0, failed: 1, skipped: 0 };
}

async function perform({ name, run }: Check): Promise<Tally> {
  progress(`Checking: ${name}`);
  try {
    return await run();
  } catch (error) {
    const known = error instanceof Complaint;
    process.stderr.write(`${known ? error.message : ((error as Error).stack ?? error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
