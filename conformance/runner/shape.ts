/** The bundle that every test starts from: the probe, and what it needs to look around. */
import { chmodSync, copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { baseConfig, type Config } from '../lib/config.js';
import type { Shape } from '../lib/container.js';
import { probe } from '../probe/program.js';

const folders = ['dev', 'etc', 'proc', 'sys', 'tmp'];

/**
 * The probe may lie on another file system, where nothing can be linked to it. What it is linked to is
 * that of other tests too, and a container whose runtime is broken may have taken it from them.
 */
export function placeProbe(path: string): void {
  try {
    linkSync(probe(), path);
  } catch {
    copyFileSync(probe(), path);
  }
  chmodSync(path, 0o755);
}

function makeRootfs(path: string): void {
  for (const name of folders) mkdirSync(join(path, name), { recursive: true });
  chmodSync(path, 0o755);
  placeProbe(join(path, 'probe'));
}

/** What a user without privileges can have: ids of a namespace, no cgroup, no device of another group. */
function rootless(config: Config): Config {
  const { linux } = config;
  const ids = (hostID = 0) => [{ containerID: 0, hostID, size: 1 }];
  linux.namespaces.push({ type: 'user' });
  Object.assign(linux, {
    uidMappings: ids(process.getuid?.()),
    gidMappings: ids(process.getgid?.()),
  });
  delete linux.cgroupsPath;
  delete linux.resources;
  config.mounts = config.mounts
    .filter(({ type }) => type !== 'cgroup')
    .map((mount) => ({
      ...mount,
      options: mount.options?.filter((word) => word !== 'gid=5') ?? [],
    }));
  return config;
}

const plain = (cgroupsPath: string): Config => {
  const config = baseConfig(cgroupsPath);
  config.ociVersion = '1.0.2';
  config.process.args = ['/probe'];
  config.process.env = [];
  return config;
};

export const shapeFor = (isRoot: boolean): Shape => ({
  makeRootfs,
  config: (cgroupsPath) => (isRoot ? plain(cgroupsPath) : rootless(plain(cgroupsPath))),
});
