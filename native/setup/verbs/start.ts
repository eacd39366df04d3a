import { runDemo } from '../../../conformance/demo/demo.js';
import { build } from '../../build.js';
import { parseOptions } from '../arguments.js';
import { Complaint } from '../complaint.js';
import { ensurePackages } from '../packages.js';
import { distRunts } from '../paths.js';

/** `npm start`: from a fresh checkout to a container that has run. */
export async function start(args: readonly string[]): Promise<number> {
  parseOptions(args, {});
  await ensurePackages('build', 'demo');
  if (process.getuid?.() !== 0) {
    throw new Complaint(
      'npm start runs a container with memory, cpu and pids limits, which takes root.',
      'Run it as root: sudo npm start. Building alone takes none: npm run build',
    );
  }
  await build();
  return runDemo(distRunts);
}
