import { writeFileSync } from 'node:fs';
import type { Case } from '../lib/case.js';
import { outcome } from '../lib/outcome.js';
import type { PodmanSite } from './site.js';

async function pod(site: PodmanSite): Promise<string> {
  const name = site.name('pod');
  const args = ['pod', 'create', '--name', name, '--network', 'none'];
  const { status, stderr } = await site.podman(...args);
  if (status !== 0) throw new Error(`podman pod create: ${stderr}`);
  return name;
}

const kubernetesPod = (name: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    restartPolicy: 'Never',
    hostname: 'from-yaml',
    containers: ['one', 'two'].map((container) => ({
      name: container,
      image,
      command: ['sh', '-c', 'hostname; echo $WHO; sleep 1000'],
      env: [{ name: 'WHO', value: container }],
      securityContext: { readOnlyRootFilesystem: true },
    })),
  },
});

export const podCases: readonly Case<PodmanSite>[] = [
  {
    name: 'podman pod create lets containers share namespaces',
    async act(site) {
      const name = await pod(site);
      const first = await site.start(['--pod', name], 'sleep', '1000');
      const ipc = 'for n in ipc net uts; do readlink /proc/self/ns/$n; done';
      const mine = await site.podman('exec', first, 'sh', '-c', ipc);
      const other = await site.run(['--pod', name], 'sh', '-c', ipc);
      return { status: other.status ?? -1, shared: mine.stdout === other.stdout };
    },
    wanted: { status: 0, shared: true },
  },
  {
    name: 'podman pod stop and start end its containers and run them again',
    async act(site) {
      const name = await pod(site);
      const container = await site.idle('--pod', name);
      const stopped = await site.podman('pod', 'stop', '--time', '1', name);
      const between = await site.inspect(container, '.State.Status');
      await site.podman('pod', 'start', name);
      return {
        stopped: stopped.status ?? -1,
        between,
        after: await site.inspect(container, '.State.Status'),
      };
    },
    wanted: { stopped: 0, between: 'exited', after: 'running' },
  },
  {
    name: 'podman play kube makes a pod from a Kubernetes document',
    async act(site) {
      const name = site.name('pod');
      const file = site.file('pod.yaml');
      // YAML takes all of JSON.
      writeFileSync(file, JSON.stringify(kubernetesPod(name, site.image)));
      const played = await site.podman('play', 'kube', '--network', 'none', file);
      if (played.status !== 0) return { played: played.status ?? -1, said: played.stderr };
      const exec = await site.podman('exec', `${name}-two`, 'sh', '-c', 'hostname; echo $WHO');
      const down = await site.podman('play', 'kube', '--down', file);
      return { played: 0, ...outcome(exec), down: down.status ?? -1 };
    },
    wanted: { played: 0, status: 0, output: 'from-yaml\ntwo\n', down: 0 },
  },
];
