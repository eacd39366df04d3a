import { chownSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Box } from './box.js';
import type { Config } from './config.js';
import type { Container } from './container.js';
import { type Engine, inMountNamespace } from './engines.js';
import { giveRootfs } from './ids.js';

const project = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Somebody without privileges, whom nobody on the host is. */
export const user = { id: 71_234, name: 'runts-tester', more: 710_000, many: 65_536 };

const account = `${user.name}:x:${user.id}:${user.id}::/tmp:/bin/sh`;

/** For a program that lets in only users whom it knows. */
export const knowUser = `
mount -t tmpfs none /mnt
cp /etc/passwd /mnt
echo '${account}' >>/mnt/passwd
mount --bind /mnt/passwd /etc/passwd
`;

/** Account files of the test's own; what the project was built to, where the user can reach it. */
export const knowOrdinaryUser = `
mount -t tmpfs none /mnt
cp /etc/passwd /etc/group /mnt
echo '${account}' >>/mnt/passwd
echo '${user.name}:x:${user.id}:' >>/mnt/group
echo '${user.name}:${user.more}:${user.many}' >/mnt/subuid
cp /mnt/subuid /mnt/subgid
for f in passwd group subuid subgid; do
  if test -e /etc/$f; then mount --bind /mnt/$f /etc/$f; fi
done
mkdir /mnt/project
mount --bind '${project}' /mnt/project
`;

/** The program, as that user would call it. */
/** `also`: shell commands that root runs in the mount namespace before. */
export function asOrdinaryUser(engine: Engine, also = ''): Engine {
  const moved = engine.command.map((word) =>
    word.startsWith(`${project}/`) ? word.replace(project, '/mnt/project') : word,
  );
  const id = String(user.id);
  const drop = ['setpriv', '--reuid', id, '--regid', id, '--clear-groups'];
  return inMountNamespace(
    { ...engine, command: [...drop, ...moved] },
    `${knowOrdinaryUser}${also}`,
  );
}

/** The folder of a test, and a root file system in it, as that user's own. */
export function giveBox(box: Box, rootfs?: string, id = user.id): void {
  chownSync(box.folder, id, id);
  if (rootfs !== undefined) giveRootfs(rootfs, id, id);
}

/** The document of `spec --rootless`, changed so that a test can run it. */
export async function rootless(
  box: Box,
  change: (config: Config) => void = () => {},
): Promise<Container> {
  const container = box.container(({ linux }, { rootfs }) => {
    giveBox(box, rootfs);
    delete linux.cgroupsPath;
  });
  const file = join(container.bundle, 'config.json');
  chownSync(container.bundle, user.id, user.id);
  rmSync(file);
  const { status, stderr } = await box.runtime('spec', '--rootless', '--bundle', container.bundle);
  if (status !== 0) throw new Error(stderr);
  const config = JSON.parse(readFileSync(file, 'utf8')) as Config;
  config.process.terminal = false;
  config.process.env = ['PATH=/bin'];
  change(config);
  for (const field of Object.keys(container.config))
    Reflect.deleteProperty(container.config, field);
  Object.assign(container.config, config);
  container.write();
  return container;
}
