import type { Case } from '../lib/case.js';
import { limitScript } from '../lib/limits.js';
import { outcome } from '../lib/outcome.js';
import { userCases } from './cases.js';
import type { PodmanSite } from './site.js';

/** cgroup v1 gives an ordinary user none. */
const limitCases: readonly Case<PodmanSite>[] = [
  {
    name: 'podman run --memory, --cpus and --pids-limit arrive in the cgroup',
    act: async (site) =>
      outcome(
        await site.run(
          ['--memory', '32m', '--cpus', '0.5', '--pids-limit', '20'],
          ...[
            'sh',
            '-c',
            `${limitScript('memory')}; ${limitScript('cpu')}; ${limitScript('pids')}`,
          ],
        ),
      ),
    wanted: { status: 0, output: '33554432\n50000\n20\n' },
  },
  {
    name: 'podman run --memory ends a container that wants more',
    async act(site) {
      const limit = ['--memory', '16m', '--memory-swap', '16m'];
      const name = await site.start(limit, 'sh', '-c', 'x=a; while :; do x=$x$x; done');
      const { stdout } = await site.podman('wait', name);
      return { exit: stdout, oom: await site.inspect(name, '.State.OOMKilled') };
    },
    // conmon 2.1.6 does not hear of it everywhere.
    wanted: { exit: '137\n' },
  },
  {
    name: 'podman pause stops all of a container, and unpause lets it go on',
    async act(site) {
      const name = await site.idle();
      await site.podman('pause', name);
      const paused = await site.inspect(name, '.State.Status');
      await site.podman('unpause', name);
      const after = await site.podman('exec', name, 'true');
      return { paused, after: after.status ?? -1 };
    },
    wanted: { paused: 'paused', after: 0 },
  },
  {
    name: 'podman update changes limits of a running container',
    async act(site) {
      const name = await site.idle('--memory', '64m');
      const { status } = await site.podman('update', '--memory', '48m', '--cpus', '0.25', name);
      const script = `${limitScript('memory')}; ${limitScript('cpu')}`;
      return {
        updated: status ?? -1,
        ...outcome(await site.podman('exec', name, 'sh', '-c', script)),
      };
    },
    wanted: { updated: 0, status: 0, output: '50331648\n25000\n' },
  },
  {
    name: 'podman stats --no-stream counts processes',
    async act(site) {
      const name = await site.start([], 'sleep', '1000');
      return outcome(await site.podman('stats', '--no-stream', '--format', '{{.PIDs}}', name));
    },
    wanted: { status: 0, output: '1\n' },
  },
];

export const rootCases = [...userCases, ...limitCases];
