import { join } from 'node:path';
import { until } from '../../lib/until.js';
import type { Containerd } from '../containerd/daemon.js';
import { CtrSite } from '../containerd/site.js';
import type { RuntimeName } from '../lib/case.js';
import { programs, worldCgroup } from '../lib/world.js';
import { type Aftermath, aftermath } from './aftermath.js';
import { remainsOf } from './remains.js';
import { type Soaked, soak } from './soak.js';

export async function soakContainerd(
  runtime: RuntimeName,
  folder: string,
  { socket, daemon }: Containerd,
  count: number,
): Promise<Soaked & Aftermath> {
  const traces = {
    cgroup: `${worldCgroup}/ctr`,
    namespace: `ctr-${runtime}`,
    folder: join(folder, 'state'),
    states: `/run/containerd/runc/ctr-${runtime}`,
    daemons: [daemon.pid],
  };
  const before = remainsOf(traces);
  const site = new CtrSite(runtime, folder, socket);
  const soaked = await soak(count, programs[runtime], async () => {
    const { status, stdout } = await site.run([], 'sh', '-c', 'echo out; exit 3');
    return status === 3 && stdout === 'out\n';
  });
  await until(`every container of ${runtime} is removed`, async () => {
    const tasks = (await site.ctr('tasks', 'ls', '--quiet')).stdout.split('\n').filter(Boolean);
    if (tasks.length > 0) await site.ctr('tasks', 'rm', '--force', ...tasks);
    const ids = (await site.ctr('containers', 'ls', '--quiet')).stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await site.ctr('containers', 'rm', ...ids);
    return tasks.length + ids.length === 0;
  });
  return { ...soaked, ...(await aftermath(programs[runtime], traces, before)) };
}
