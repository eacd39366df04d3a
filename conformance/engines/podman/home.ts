import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../native/setup/paths.js';
import { user } from '../../lib/ordinary-user.js';
import type { RuntimeName } from '../lib/case.js';
import { pauseImage } from '../lib/image.js';
import { placeFor, programs } from '../lib/world.js';

/** All that Podman reads and writes, for one user and one runtime. */
export interface PodmanHome {
  readonly folder: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What namespace.ts has bound there, since an ordinary user may not reach the checkout. */
const reachable = '/mnt/project';

export const rootHome = (runtime: RuntimeName): PodmanHome =>
  homeIn(placeFor(`podman-${runtime}`), runtime, programs[runtime], ['podman'], 'overlay');

/** Of somebody without privileges, whom nobody on the host is. */
export function userHome(runtime: RuntimeName): PodmanHome {
  const id = String(user.id);
  const drop = ['setpriv', '--reuid', id, '--regid', id, '--clear-groups', 'podman'];
  const program = programs[runtime].replace(root, reachable);
  const home = homeIn(placeFor(`user-${runtime}`), runtime, program, drop, 'vfs');
  for (const path of [home.folder, home.env.XDG_RUNTIME_DIR ?? ''])
    chownSync(path, user.id, user.id);
  return home;
}

function homeIn(
  folder: string,
  runtime: RuntimeName,
  program: string,
  command: readonly string[],
  driver: 'overlay' | 'vfs',
): PodmanHome {
  mkdirSync(join(folder, 'run'), { mode: 0o700 });
  writeFileSync(join(folder, 'containers.conf'), containersConf(runtime, program));
  writeFileSync(join(folder, 'storage.conf'), storageConf(folder, driver));
  const env = {
    HOME: folder,
    TMPDIR: folder,
    XDG_RUNTIME_DIR: join(folder, 'run'),
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
  };
  return { folder, command, env };
}

/** docs/engines.md shows these. The limits: not every host may raise them to Podman's own. */
const containersConf = (runtime: RuntimeName, program: string): string => `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
runtime = "${runtime}"
cgroup_manager = "cgroupfs"
events_logger = "file"
infra_image = "${pauseImage}"
runtime_supports_json = ["crun", "runc", "runts"]
[engine.runtimes]
${runtime} = ["${program}"]
`;

/** vfs wants nothing of the file system below, and copies everything. */
const storageConf = (folder: string, driver: 'overlay' | 'vfs'): string => `
[storage]
driver = "${driver}"
graphroot = "${folder}/storage"
runroot = "${folder}/run/storage"
rootless_storage_path = "${folder}/storage"
`;
