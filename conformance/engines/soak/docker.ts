import { join } from 'node:path';
import { call } from '../../lib/call.js';
import { until } from '../../lib/until.js';
import { type Dockerd, dockerClient } from '../docker/daemon.js';
import type { RuntimeName } from '../lib/case.js';
import { imageName } from '../lib/image.js';
import { programs, worldCgroup } from '../lib/world.js';
import { type Aftermath, aftermath } from './aftermath.js';
import { remainsOf } from './remains.js';
import { type Soaked, soak } from './soak.js';

export async function soakDocker(
  runtime: RuntimeName,
  { folder, socket, daemon }: Dockerd,
  count: number,
): Promise<Soaked & Aftermath> {
  const docker = (...args: readonly string[]) =>
    call(folder, [dockerClient, '--host', `unix://${socket}`, ...args], { env: { HOME: folder } });
  const traces = {
    cgroup: `${worldCgroup}/docker-${runtime}`,
    namespace: `docker-${runtime}`,
    folder,
    states: join(folder, 'exec/runtime-runc', `docker-${runtime}`),
    daemons: [daemon.pid],
  };
  const before = remainsOf(traces);
  const soaked = await soak(count, programs[runtime], async () => {
    const args = ['run', '--rm', '--network', 'none', imageName, 'sh', '-c', 'echo out; exit 3'];
    const { status, stdout } = await docker(...args);
    return status === 3 && stdout === 'out\n';
  });
  await until(`every container of ${runtime} is removed`, async () => {
    const { stdout } = await docker('ps', '-aq');
    const ids = stdout.split('\n').filter((id) => id !== '');
    if (ids.length > 0) await docker('rm', '--force', ...ids);
    return ids.length === 0;
  });
  return { ...soaked, ...(await aftermath(programs[runtime], traces, before)) };
}
