import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../native/build.js';
import { parseOptions } from '../../native/setup/arguments.js';
import { Complaint } from '../../native/setup/complaint.js';
import { ensurePackages } from '../../native/setup/packages.js';
import { findProgram } from '../../native/setup/paths.js';
import { progress } from '../../native/setup/progress.js';
import { resultsFolder, summaryOf, type Tally } from '../../native/setup/tally.js';
import { reportsOf } from '../runner/json.js';
import type { RunReport } from '../runner/results.js';
import { boot, type Ended, lastLines } from './qemu.js';
import { readTap } from './tap.js';
import { checkoutDisk, type Form } from './vm-checkout.js';
import { type Image, image, isMade } from './vm-image.js';
import { briefPasses, ownSubjects, type Pass, passes, suitePasses } from './vm-tests.js';
import { removeStale, workFolder } from './work-folder.js';

const options = {
  brief: { type: 'boolean' },
  conformance: { type: 'boolean' },
  runtime: { type: 'string', multiple: true },
  profile: { type: 'string' },
  filter: { type: 'string', multiple: true },
  ordinary: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  engine: { type: 'string' },
  'time-limit': { type: 'string', default: '1800' },
} as const;

/** `npm run test:vm`: the tests that want systemd, cgroup v2 and AppArmor, on a machine that has them. */
export async function testInVm(args: readonly string[]): Promise<number> {
  const {
    brief = false,
    conformance,
    runtime: runtimes,
    profile,
    ordinary: isOrdinary,
    filter = brief ? ownSubjects : [],
    only,
    engine,
    'time-limit': limit,
  } = parseOptions(args, options);
  const lack = lacksForVm();
  if (lack !== null) throw new Complaint(`The virtual machine ${lack}.`);
  const chosen = conformance
    ? suitePasses({ runtimes, profile, filter, isOrdinary })
    : choose(brief ? briefPasses : passes, only, engine);
  await ensurePackages('build', 'vm');
  await build();
  const tally = await tallyOfVm(chosen, Number(limit));
  process.stdout.write(`${summaryOf(tally)}\n`);
  return tally.failed === 0 ? 0 : 1;
}

/** Seconds. It takes two minutes of an idle machine. */
const briefLimit = 900;

/** What `npm test` runs of it where CI is set; the build has been made. */
export async function testBrieflyInVm(): Promise<Tally> {
  await ensurePackages('vm');
  return tallyOfVm(briefPasses, briefLimit);
}

/** Why it cannot be made or started here, or null. */
export function lacksForVm(): string | null {
  if (process.arch !== 'x64')
    return `is an x86-64 one, with this machine’s Node, not ${process.arch}`;
  if (process.getuid?.() !== 0) return 'takes root to be made';
  if (!isMade() && findProgram('apt-config') === undefined)
    return 'is made from the Debian mirror that apt is set up for, and there is no apt here';
  return null;
}

/** All that is listed, or some files with one engine. */
function choose(
  from: readonly Pass[],
  only: readonly string[] = [],
  engine?: string,
): readonly Pass[] {
  if (engine !== undefined && engine !== 'static' && engine !== 'node')
    throw new Complaint(`--engine is static or node, not ${engine}.`);
  if (only.length > 0)
    return [{ name: engine ?? 'static', engine: engine ?? 'static', files: only }];
  return from.filter((pass) => engine === undefined || pass.engine === engine);
}

const tallyOfVm = async (chosen: readonly Pass[], limit: number): Promise<Tally> =>
  judge(await runIn(await image(), { passes: chosen, limit, form: 'tap' }), chosen.length);

const console = join(resultsFolder, 'vm-console.log');

interface Run {
  readonly passes: readonly Pass[];
  /** Seconds. */
  readonly limit: number;
  readonly form: Form;
  readonly documents?: string;
}

async function runIn(
  machine: Image,
  { passes: chosen, limit, form, documents }: Run,
): Promise<Ended> {
  const prefix = join(tmpdir(), 'runts-vm');
  removeStale(prefix);
  const folder = workFolder(prefix);
  try {
    const disk = await checkoutDisk(chosen, folder, form);
    mkdirSync(resultsFolder, { recursive: true });
    const guest = { image: machine, disk, console, documents, limit };
    return await boot(guest, (text) => process.stdout.write(text));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the conformance suite finds out there, with progress; no two answers stand for one question. */
export async function reportsOfVm(
  chosen: readonly Pass[],
  limit: number,
): Promise<readonly RunReport[]> {
  await ensurePackages('vm');
  const documents = join(resultsFolder, 'vm-documents');
  rmSync(documents, { force: true });
  const run = { passes: chosen, limit, form: 'json', documents } as const;
  const { cut } = await runIn(await image(), run);
  const lines = readFileSync(documents, 'utf8').split('\n').filter(Boolean);
  if (cut !== undefined || lines.length !== chosen.length)
    throw new Complaint(cut ?? `${lines.length} of ${chosen.length} runs came to their end.`);
  return lines.flatMap((line) => reportsOf(line, documents));
}

function judge({ text, cut }: Ended, runs: number): Tally {
  const { tally, complaints } = readTap(text, runs);
  const all = cut === undefined ? complaints : [cut, ...complaints];
  for (const complaint of all) progress(`Not whole: ${complaint}`);
  if (all.length > 0) process.stdout.write(`${lastLines(console, 15)}\n`);
  return { ...tally, failed: tally.failed + (all.length > 0 ? 1 : 0) };
}
