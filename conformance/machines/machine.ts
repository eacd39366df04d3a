import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { aptSources } from '../../native/setup/apt.js';
import { debianMirrors } from '../../native/setup/apt-sources.js';
import { Complaint } from '../../native/setup/complaint.js';
import { root } from '../../native/setup/paths.js';
import { debianKeyring } from '../../native/setup/quickjs-fetch.js';
import { quietlyContained } from './contained.js';

/** Where the checkout lies inside. */
export const checkoutInside = '/root/runts';

/**
 * A machine that is thrown away does without what makes half of the time: an initrd of the
 * distribution (its hook in /etc/kernel/postinst.d looks for that), and waiting for the disk.
 */
const hasty = { INITRD: 'No', DPKG_FORCE: 'unsafe-io' };

/** A minimal Debian, and what else it shall have, from the mirror that this machine uses. */
export async function bootstrap(
  machine: string,
  suite: string,
  packages: readonly string[] = [],
): Promise<void> {
  const [mirror] = debianMirrors(aptSources(), suite);
  const [uri] = mirror?.uris ?? [];
  if (uri === undefined) throw new Complaint(`apt is set up for no mirror of Debian ${suite}.`);
  const key = existsSync(debianKeyring) ? [`--keyring=${debianKeyring}`] : [];
  const more = packages.length === 0 ? [] : [`--include=${packages.join(',')}`];
  const args = ['--variant=minbase', ...more, ...key, suite, machine, uri];
  await quietlyContained(`Making a fresh Debian ${suite}`, 'debootstrap', args, hasty);
  writeFileSync(join(machine, 'etc/apt/apt.conf.d/00host'), downloadSettings());
}

/** How this machine reaches the mirror: proxies and the like, not what it downloads. */
function downloadSettings(): string {
  const lines = execFileSync('apt-config', ['dump'], { encoding: 'utf8' }).split('\n');
  const wanted = /^Acquire::(https?|Check|Retries|ForceIPv)/;
  return `${lines.filter((line) => wanted.test(line)).join('\n')}\n`;
}

/** Node and npm are all that the project asks for: this machine's own, nothing that they bring. */
export function addNode(machine: string): void {
  const script = process.env.npm_execpath;
  if (script === undefined) throw new Complaint('Start this with npm: npm run test:fresh');
  copyFileSync(process.execPath, join(machine, 'usr/bin/node'));
  cpSync(dirname(dirname(script)), join(machine, 'usr/lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(machine, 'usr/bin', name));
  }
}

/** Names and trust: what a machine of the same network would have. */
export function addNetwork(machine: string): void {
  const { NODE_EXTRA_CA_CERTS: extra, npm_config_cafile: own } = process.env;
  for (const path of ['/etc/resolv.conf', '/etc/hosts', extra, own]) {
    if (!path || !existsSync(path)) continue;
    mkdirSync(join(machine, dirname(path)), { recursive: true });
    copyFileSync(path, join(machine, path));
  }
}

const left = new Set(['node_modules', 'dist', 'build', '.git', 'src/generated']);

/** The sources as they are here, without anything that was made from them. */
export function addCheckout(machine: string): void {
  const filter = (path: string) => !left.has(relative(root, path));
  cpSync(root, join(machine, checkoutInside), { recursive: true, filter });
}
