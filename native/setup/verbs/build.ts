import { build } from '../../build.js';
import { parseOptions } from '../arguments.js';
import { ensurePackages } from '../packages.js';

/** `npm run build`: the machine is made ready, then dist/ is made. */
export async function buildOnly(args: readonly string[]): Promise<number> {
  parseOptions(args, {});
  await ensurePackages('build');
  await build();
  return 0;
}
