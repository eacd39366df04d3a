import { until } from '../../lib/until.js';
import type { Case } from '../lib/case.js';
import { limitScript } from '../lib/limits.js';
import { outcome } from '../lib/outcome.js';
import type { DockerSite } from './site.js';

const shown = { memory: limitScript('memory'), cpu: limitScript('cpu'), pids: limitScript('pids') };

/** containerd tells the end of memory in an event, which may come when the container has ended. */
async function oomKilled(site: DockerSite, id: string): Promise<boolean> {
  if ((await site.inspect(id, '.State.OOMKilled')) === 'true') return true;
  await site.docker('start', '--attach', id);
  return false;
}

/** Resources, as a container and docker see them. */
export const limitCases: readonly Case<DockerSite>[] = [
  {
    name: 'docker run --memory limits, and a container that wants more is told as OOMKilled',
    async act(site) {
      const limit = ['--memory', '16m', '--memory-swap', '16m'];
      const id = await site.start(limit, 'sh', '-c', 'x=a; while :; do x=$x$x; done');
      const { stdout } = await site.docker('wait', id);
      return { exit: stdout, oom: await until('docker hears of it', () => oomKilled(site, id)) };
    },
    wanted: { exit: '137\n', oom: true },
  },
  {
    name: 'docker run --memory, --cpus and --pids-limit arrive in the cgroup',
    act: async (site) =>
      outcome(
        await site.run(
          ['--memory', '32m', '--cpus', '0.5', '--pids-limit', '20'],
          ...['sh', '-c', `${shown.memory}; ${shown.cpu}; ${shown.pids}`],
        ),
      ),
    wanted: { status: 0, output: '33554432\n50000\n20\n' },
  },
  {
    name: 'docker run --pids-limit stops a command that forks on',
    async act(site) {
      const script = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; echo all';
      const { status, stdout, stderr } = await site.run(['--pids-limit', '5'], 'sh', '-c', script);
      return { status: status ?? -1, stdout, told: /can't fork/.test(stderr) };
    },
    wanted: { status: 2, stdout: '', told: true },
  },
  {
    name: 'docker run --cpuset-cpus and --cpu-shares arrive',
    act: async (site) =>
      outcome(
        await site.run(
          ['--cpuset-cpus', '0', '--cpu-shares', '512'],
          ...['sh', '-c', `nproc; ${limitScript('shares')}`],
        ),
      ),
    wanted: { status: 0, output: /^1\n\d+\n$/ },
  },
  {
    name: 'docker update changes memory, cpus and pids of a running container',
    async act(site) {
      const id = await site.idle('--memory', '64m');
      const more = [
        '--memory',
        '48m',
        '--memory-swap',
        '48m',
        '--cpus',
        '0.25',
        '--pids-limit',
        '30',
      ];
      const { status } = await site.docker('update', ...more, id);
      const script = `${shown.memory}; ${shown.cpu}; ${shown.pids}`;
      return {
        updated: status ?? -1,
        ...outcome(await site.docker('exec', id, 'sh', '-c', script)),
      };
    },
    wanted: { updated: 0, status: 0, output: '50331648\n25000\n30\n' },
  },
  {
    name: 'docker run --ulimit and --oom-score-adj arrive',
    act: async (site) =>
      outcome(
        await site.run(
          ['--ulimit', 'nofile=100:200', '--oom-score-adj', '500'],
          ...['sh', '-c', 'ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj'],
        ),
      ),
    wanted: { status: 0, output: '100\n200\n500\n' },
  },
  {
    name: 'docker stats --no-stream counts processes and knows the limit',
    async act(site) {
      const id = await site.start(['--memory', '64m'], 'sleep', '1000');
      const format = '{{.PIDs}} {{.MemUsage}}';
      const { stdout } = await site.docker('stats', '--no-stream', '--format', format, id);
      return { output: stdout.replace(/ [\d.]+\w+ \//, ' some /') };
    },
    wanted: { output: '1 some / 64MiB\n' },
  },
];
