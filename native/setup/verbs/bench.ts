import { build } from '../../build.js';
import { ensurePackages } from '../packages.js';
import { show } from '../run.js';

/** `npm run bench`: arguments belong to the benchmark. */
export async function bench(args: readonly string[]): Promise<number> {
  await ensurePackages('build', 'bench');
  await build({ quiet: true });
  return show(process.execPath, ['--import', 'tsx', 'conformance/bench/bench.ts', ...args]);
}
