import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../../lib/call.js';
import { type Daemon, startDaemon } from '../lib/daemon.js';
import { pauseImage } from '../lib/image.js';
import { programs } from '../lib/world.js';

export interface Containerd {
  readonly socket: string;
  readonly daemon: Daemon;
}

/** containerd's own, in a folder: nothing of the machine's. */
export async function startContainerd(folder: string): Promise<Containerd> {
  const socket = join(folder, 'containerd.sock');
  const file = join(folder, 'containerd.toml');
  writeFileSync(file, configuration(folder, socket));
  const command = ['containerd', '--config', file];
  const isReady = async () =>
    (await call(folder, ['ctr', '--address', socket, 'version'])).status === 0;
  return { socket, daemon: await startDaemon(command, join(folder, 'containerd.log'), isReady) };
}

const configuration = (folder: string, socket: string): string => `
version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = "${folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runts"
${Object.entries(programs)
  .map(([name, path]) => criRuntime(name, path))
  .join('')}`;

const criRuntime = (name: string, path: string): string => `
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}.options]
        BinaryName = "${path}"
`;
