import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../native/build.js';
import { parseOptions } from '../../native/setup/arguments.js';
import { Complaint } from '../../native/setup/complaint.js';
import { ensurePackages } from '../../native/setup/packages.js';
import { progress } from '../../native/setup/progress.js';
import { resultsFolder, summaryOf } from '../../native/setup/tally.js';
import { boot, type Ended, lastLines } from './qemu.js';
import { readTap } from './tap.js';
import { checkoutDisk } from './vm-checkout.js';
import { image } from './vm-image.js';
import { type Pass, passes } from './vm-tests.js';

const options = {
  only: { type: 'string', multiple: true },
  engine: { type: 'string' },
  'time-limit': { type: 'string', default: '1800' },
} as const;

/** `npm run test:vm`: the tests that want systemd, cgroup v2 and AppArmor, on a machine that has them. */
export async function testInVm(args: readonly string[]): Promise<number> {
  const { only, engine, 'time-limit': limit } = parseOptions(args, options);
  if (process.getuid?.() !== 0) throw new Complaint('Making a Debian for the emulator takes root.');
  const chosen = choose(only, engine);
  await ensurePackages('build', 'vm');
  await build();
  const ended = await runIn(await image(), chosen, Number(limit));
  return judge(ended, chosen.length);
}

/** All that is listed, or some files with one engine. */
function choose(only: readonly string[] = [], engine?: string): readonly Pass[] {
  if (engine !== undefined && engine !== 'static' && engine !== 'node')
    throw new Complaint(`--engine is static or node, not ${engine}.`);
  if (only.length > 0)
    return [{ name: engine ?? 'static', engine: engine ?? 'static', files: only }];
  return passes.filter((pass) => engine === undefined || pass.engine === engine);
}

const console = join(resultsFolder, 'vm-console.log');

async function runIn(
  machine: Awaited<ReturnType<typeof image>>,
  chosen: readonly Pass[],
  limit: number,
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'runts-vm-'));
  // The emulator gets it too; this program stays to clean up after it.
  const hold = () => {};
  process.on('SIGINT', hold);
  try {
    const disk = join(folder, 'checkout');
    await checkoutDisk(chosen, disk);
    mkdirSync(resultsFolder, { recursive: true });
    const guest = { image: machine, disk, console, limit };
    return await boot(guest, (text) => process.stdout.write(text));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    process.off('SIGINT', hold);
  }
}

function judge({ text, cut }: Ended, runs: number): number {
  const { tally, complaints } = readTap(text, runs);
  const all = cut === undefined ? complaints : [cut, ...complaints];
  for (const complaint of all) progress(`Not whole: ${complaint}`);
  if (all.length > 0) process.stdout.write(`${lastLines(console, 15)}\n`);
  const failed = tally.failed + (all.length > 0 ? 1 : 0);
  process.stdout.write(`${summaryOf({ ...tally, failed })}\n`);
  return failed === 0 ? 0 : 1;
}
