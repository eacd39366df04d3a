import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Complaint } from '../../native/setup/complaint.js';
import { ensurePackages } from '../../native/setup/packages.js';
import { progress } from '../../native/setup/progress.js';
import { show } from '../../native/setup/run.js';
import { addCheckout, addNetwork, addNode, bootstrap, checkoutInside } from './machine.js';

const enter = fileURLToPath(new URL('enter.sh', import.meta.url));

/** The first command on a fresh Debian 12 with nothing but Node and npm; and then it once more. */
export async function tryOnFreshDebian(args: readonly string[]): Promise<number> {
  if (process.getuid?.() !== 0) throw new Complaint('Making a fresh Debian takes root.');
  await ensurePackages('machines');
  const command = args.length === 0 ? 'npm start && npm start' : args.join(' ');
  const root = mkdtempSync(join(tmpdir(), 'runts-fresh-'));
  // The children get it too; this program stays to clean up after them.
  const hold = () => {};
  process.on('SIGINT', hold);
  try {
    chmodSync(root, 0o755);
    await bootstrap(root, 'bookworm');
    addNode(root);
    addNetwork(root);
    addCheckout(root);
    progress(`There, as the first command: ${command}`);
    return await runInside(root, command);
  } finally {
    // Its mounts were gone with its namespaces; should one be left, it is not ours to empty.
    await show('rm', ['-rf', '--one-file-system', root]);
    process.off('SIGINT', hold);
  }
}

async function runInside(root: string, command: string): Promise<number> {
  const inside = `cd ${checkoutInside} && ${command}`;
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  const program = ['unshare', ...namespaces, 'sh', enter, root, inside];
  return show('env', ['-i', ...carriedEnvironment(), ...program]);
}

const carriedNames =
  /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|npm_config_(registry|cafile|(https_?|no)?proxy))$/i;

/** What a login shell has, and how this machine reaches the registry that npm is set up for. */
function carriedEnvironment(): readonly string[] {
  const carried = Object.entries(process.env).filter(([name]) => carriedNames.test(name));
  const login = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  const all = { ...Object.fromEntries(carried), ...login, HOME: '/root', LANG: 'C.UTF-8' };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
}
