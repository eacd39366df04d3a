import { chmodSync, chownSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Box } from './box.js';
import type { Config } from './config.js';
import type { Prepare } from './container.js';
import type { Engine } from './engines.js';

export interface Mapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** Ids that nobody on the host has. */
export const uids: readonly Mapping[] = [{ containerID: 0, hostID: 700_000, size: 65_536 }];
export const gids: readonly Mapping[] = [{ containerID: 0, hostID: 800_000, size: 65_536 }];

/**
 * Makes directories of a root file system somebody else's. The files in them are linked to copies
 * that other tests use.
 */
export function giveRootfs(rootfs: string, uid: number, gid: number): void {
  const names = readdirSync(rootfs, { withFileTypes: true });
  const folders = names
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(rootfs, name));
  for (const path of [rootfs, ...folders]) chownSync(path, uid, gid);
}

/** Lets users without privileges reach what is in the folder of a test. */
export const openBox = (box: Box): void => chmodSync(box.folder, 0o711);

/** A user namespace of its own, with the root file system belonging to its root. */
export const inUserNamespace =
  (box: Box, change: (config: Config) => void = () => {}): Prepare =>
  (config, { rootfs }) => {
    openBox(box);
    giveRootfs(rootfs, uids[0]!.hostID, gids[0]!.hostID);
    config.linux.namespaces.push({ type: 'user' });
    Object.assign(config.linux, { uidMappings: uids, gidMappings: gids });
    change(config);
  };

const othersReach = (path: string): boolean =>
  (statSync(path).mode & 0o001) !== 0 && (path === '/' || othersReach(dirname(path)));

/** Whether a user without privileges can run an engine: Node's parts may lie where only root looks. */
export const othersRun = ({ command }: Engine): boolean =>
  command.every((word) => !word.startsWith('/') || othersReach(dirname(word)));
