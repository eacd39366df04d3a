import { writeFileSync } from 'node:fs';
import { until } from '../../lib/until.js';
import type { Case } from '../lib/case.js';
import { outcome } from '../lib/outcome.js';
import type { DockerSite } from './site.js';

/** What runs in a container, and how one talks to it. */
export const processCases: readonly Case<DockerSite>[] = [
  {
    name: 'docker info names the runtime among the others and takes its features and version',
    async act(site) {
      const { stdout } = await site.docker('info', '--format', '{{json .}}');
      const { Runtimes, DefaultRuntime } = JSON.parse(stdout);
      return { known: site.runtime in Runtimes, isDefault: DefaultRuntime === site.runtime };
    },
    wanted: { known: true, isDefault: true },
  },
  {
    name: 'docker run shows what a command writes and ends with its status',
    act: async (site) => outcome(await site.run([], 'sh', '-c', 'echo out; exit 3')),
    wanted: { status: 3, output: 'out\n' },
  },
  {
    name: 'docker run --runtime chooses the runtime by its name',
    act: async (site) => outcome(await site.run(['--runtime', site.runtime], 'echo', 'chosen')),
    wanted: { status: 0, output: 'chosen\n' },
  },
  {
    name: 'docker run -i passes its input on, and its end',
    async act(site) {
      const file = site.file('input');
      writeFileSync(file, 'one\ntwo\n');
      return outcome(await site.withInput(file, ['-i'], 'sh', '-c', 'wc -l; echo ended'));
    },
    wanted: { status: 0, output: '2\nended\n' },
  },
  {
    name: 'docker run -it gives a terminal',
    act: async (site) =>
      outcome(
        await site.onTerminal(
          ...['run', '--rm', ...site.options(['-it']), site.image],
          ...['sh', '-c', 'tty; test -t 0 && test -t 1 && test -t 2 && exit 4'],
        ),
      ),
    wanted: { status: 4, output: '/dev/pts/0\n' },
  },
  {
    name: 'docker exec shows what a command writes and ends with its status',
    async act(site) {
      const id = await site.idle('--env', 'A=b', '--workdir', '/tmp');
      return outcome(await site.docker('exec', id, 'sh', '-c', 'echo $A; pwd; exit 5'));
    },
    wanted: { status: 5, output: 'b\n/tmp\n' },
  },
  {
    name: 'docker exec takes user, environment and working directory',
    async act(site) {
      const id = await site.idle();
      const options = ['--user', '7:8', '--env', 'C=d', '--workdir', '/etc'];
      return outcome(await site.docker('exec', ...options, id, 'sh', '-c', 'id; echo $C; pwd'));
    },
    wanted: { status: 0, output: 'uid=7 gid=8 groups=8\nd\n/etc\n' },
  },
  {
    name: 'docker exec -it gives a terminal',
    async act(site) {
      const id = await site.idle();
      const command = ['sh', '-c', 'tty; test -t 0 && test -t 1 && exit 6'];
      return outcome(await site.onTerminal('exec', '-it', id, ...command));
    },
    wanted: { status: 6, output: '/dev/pts/0\n' },
  },
  {
    name: 'docker exec --detach leaves a command running',
    async act(site) {
      const id = await site.idle();
      const { status } = await site.docker('exec', '-d', id, 'sh', '-c', 'echo done >/tmp/it');
      const script = 'until grep -s done /tmp/it; do usleep 10000; done';
      return {
        detached: status ?? -1,
        ...outcome(await site.docker('exec', id, 'sh', '-c', script)),
      };
    },
    wanted: { detached: 0, status: 0, output: 'done\n' },
  },
  {
    name: 'docker logs tells apart what went to output and to error',
    async act(site) {
      const id = await site.start([], 'sh', '-c', 'echo out; echo err >&2');
      await site.docker('wait', id);
      const { stdout, stderr } = await site.docker('logs', id);
      return { stdout, stderr };
    },
    wanted: { stdout: 'out\n', stderr: 'err\n' },
  },
  {
    name: 'docker top lists the processes of a container',
    async act(site) {
      const id = await site.start([], 'sleep', '1000');
      const { status, stdout } = await until('sleep runs', async () => {
        const found = await site.docker('top', id, '-o', 'pid,comm');
        return found.stdout.includes('sleep') && found;
      });
      return {
        status: status ?? -1,
        output: stdout.replaceAll(/\d+/g, 'N').replaceAll(/ +/g, ' '),
      };
    },
    wanted: { status: 0, output: 'PID COMMAND\nN sleep\n' },
  },
  {
    name: 'docker run --init reaps what a command leaves behind',
    async act(site) {
      const script =
        'p=$(sh -c "true & echo \\$!"); while [ -e /proc/$p ]; do usleep 10000; done; cat /proc/1/comm';
      return outcome(await site.run(['--init'], 'sh', '-c', script));
    },
    wanted: { status: 0, output: 'docker-init\n' },
  },
  {
    name: 'docker run --user, --group-add, --hostname and --workdir arrive',
    act: async (site) =>
      outcome(
        await site.run(
          ['--user', '5:6', '--group-add', '9', '--hostname', 'box', '--workdir', '/made/here'],
          ...['sh', '-c', 'id; hostname; pwd'],
        ),
      ),
    wanted: { status: 0, output: 'uid=5 gid=6 groups=6,9\nbox\n/made/here\n' },
  },
];
