import { build } from '../../build.js';
import { ensurePackages } from '../packages.js';
import { distRunts } from '../paths.js';
import { handOver } from '../run.js';

/** `--runtime PATH` and `--runtime=PATH`; without one it is what was built. */
const withRuntime = (args: readonly string[]): readonly string[] =>
  args.some((word) => word === '--runtime' || word.startsWith('--runtime='))
    ? args
    : ['--runtime', distRunts, ...args];

/** `npm run conformance`: arguments belong to the suite, whose standard output is its own. */
export async function conformance(args: readonly string[]): Promise<number> {
  await ensurePackages('build');
  await build({ quiet: true });
  const script = 'dist/conformance/main.js';
  return handOver(process.execPath, [script, ...withRuntime(args)]);
}
