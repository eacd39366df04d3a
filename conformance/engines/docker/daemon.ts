import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../../lib/call.js';
import type { RuntimeName } from '../lib/case.js';
import { type Daemon, startDaemon } from '../lib/daemon.js';
import { programs, worldCgroup } from '../lib/world.js';

export interface Dockerd {
  readonly folder: string;
  readonly socket: string;
  readonly daemon: Daemon;
}

/** Not whatever else stands first in PATH. */
export const dockerClient = '/usr/bin/docker';

/** One for each runtime, which is its default: `docker build` cannot choose. */
export async function startDockerd(
  runtime: RuntimeName,
  folder: string,
  containerd: string,
): Promise<Dockerd> {
  const socket = join(folder, 'docker.sock');
  const file = join(folder, 'daemon.json');
  writeFileSync(file, JSON.stringify(configuration(runtime, folder, socket, containerd)));
  const isReady = async () =>
    (await call(folder, [dockerClient, '--host', `unix://${socket}`, 'version'])).status === 0;
  const command = ['dockerd', '--config-file', file, '--default-runtime', runtime, ...added];
  return {
    folder,
    socket,
    daemon: await startDaemon(command, join(folder, 'dockerd.log'), isReady),
  };
}

/** runc is known to dockerd without being told. */
const added = ['--add-runtime', `runts=${programs.runts}`];

function configuration(runtime: RuntimeName, folder: string, socket: string, containerd: string) {
  return {
    hosts: [`unix://${socket}`],
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    pidfile: join(folder, 'pid'),
    containerd,
    'containerd-namespace': `docker-${runtime}`,
    'cgroup-parent': `${worldCgroup}/docker-${runtime}`,
    bridge: 'none',
    iptables: false,
    'ip-masq': false,
  };
}
