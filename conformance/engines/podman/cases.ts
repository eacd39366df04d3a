import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../lib/until.js';
import type { Case } from '../lib/case.js';
import { untilItListens } from '../lib/idle.js';
import { outcome } from '../lib/outcome.js';
import { oddCases } from './odd.js';
import { podCases } from './pods.js';
import type { PodmanSite } from './site.js';

const runCases: readonly Case<PodmanSite>[] = [
  {
    name: 'podman info knows the runtime and its version',
    async act(site) {
      const { stdout } = await site.podman('info', '--format', '{{json .Host.OCIRuntime}}');
      const { name, version } = JSON.parse(stdout);
      return {
        named: name === site.runtime,
        version: version.startsWith(`${site.runtime} version`),
      };
    },
    wanted: { named: true, version: true },
  },
  {
    name: 'podman run shows what a command writes and ends with its status',
    act: async (site) => outcome(await site.run([], 'sh', '-c', 'echo out; exit 3')),
    wanted: { status: 3, output: 'out\n' },
  },
  {
    name: 'podman run -it gives a terminal',
    // Podman on a busy machine may lose what comes right before the end, with either runtime.
    act: async (site) =>
      outcome(
        await site.onTerminal(
          ...['run', '--rm', ...site.options(['-it']), site.image],
          ...['sh', '-c', 'tty; usleep 300000; test -t 0 && test -t 1 && exit 4'],
        ),
      ),
    wanted: { status: 4, output: '/dev/pts/0\n' },
  },
  {
    name: 'podman exec shows what a command writes and ends with its status',
    async act(site) {
      const name = await site.idle('--env', 'A=b', '--workdir', '/tmp');
      return outcome(await site.podman('exec', name, 'sh', '-c', 'echo $A; pwd; exit 5'));
    },
    wanted: { status: 5, output: 'b\n/tmp\n' },
  },
  {
    name: 'podman exec -it gives a terminal',
    async act(site) {
      const name = await site.idle();
      const command = ['sh', '-c', 'tty; usleep 300000; test -t 0 && test -t 1 && exit 6'];
      return outcome(await site.onTerminal('exec', '-it', name, ...command));
    },
    wanted: { status: 6, output: '/dev/pts/0\n' },
  },
  {
    name: 'podman exec --user and --detach work',
    async act(site) {
      const name = await site.idle();
      await site.podman('exec', '--detach', '--user', '0', name, 'sh', '-c', 'echo done >/it');
      const script = 'until grep -s done /it; do usleep 10000; done; id -u';
      return outcome(await site.podman('exec', '--user', '7', name, 'sh', '-c', script));
    },
    wanted: { status: 0, output: 'done\n7\n' },
  },
  {
    name: 'podman logs tells what a container has written',
    async act(site) {
      const name = await site.start([], 'sh', '-c', 'echo out; echo err >&2');
      await site.podman('wait', name);
      const { stdout, stderr } = await site.podman('logs', name);
      return { stdout, stderr };
    },
    wanted: { stdout: 'out\n', stderr: 'err\n' },
  },
  {
    name: 'podman stop ends a command by the signal that it waits for',
    async act(site) {
      const name = await site.idle();
      await site.podman('exec', name, ...untilItListens);
      const { status } = await site.podman('stop', name);
      return { status: status ?? -1, exit: await site.inspect(name, '.State.ExitCode') };
    },
    wanted: { status: 0, exit: '0' },
  },
  {
    name: 'podman kill ends a container, and wait tells its status',
    async act(site) {
      const name = await site.idle();
      await site.podman('kill', name);
      const { stdout } = await site.podman('wait', name);
      return { exit: stdout };
    },
    wanted: { exit: '137\n' },
  },
  {
    name: 'podman start runs a stopped container again, with its files',
    async act(site) {
      const name = await site.start([], 'sh', '-c', 'echo x >>/count; wc -l </count');
      await site.podman('wait', name);
      return outcome(await site.podman('start', '--attach', name));
    },
    wanted: { status: 0, output: '2\n' },
  },
  {
    name: 'podman run --read-only and --tmpfs arrive',
    act: async (site) =>
      outcome(
        await site.run(
          ['--read-only', '--tmpfs', '/scratch'],
          ...['sh', '-c', 'touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo place'],
        ),
      ),
    wanted: { status: 0, output: 'read-only\nplace\n' },
  },
  {
    name: 'podman run --volume shares a folder',
    async act(site) {
      const folder = site.file('volume');
      mkdirSync(folder);
      writeFileSync(join(folder, 'file'), 'text\n');
      return outcome(await site.run(['-v', `${folder}:/v:ro`], 'cat', '/v/file'));
    },
    wanted: { status: 0, output: 'text\n' },
  },
  {
    name: 'podman run --cap-drop, --security-opt no-new-privileges and a seccomp filter arrive',
    act: async (site) =>
      outcome(
        await site.run(
          ['--cap-drop', 'ALL', '--cap-add', 'CHOWN', '--security-opt', 'no-new-privileges'],
          ...['grep', '-E', '^(CapEff|NoNewPrivs|Seccomp):', '/proc/self/status'],
        ),
      ),
    wanted: { status: 0, output: 'CapEff:\t0000000000000001\nNoNewPrivs:\t1\nSeccomp:\t2\n' },
  },
  {
    name: 'podman healthcheck run tells health as it changes',
    async act(site) {
      const check = ['--health-cmd', 'test -e /well', '--health-interval', 'disable'];
      const name = await site.idle(...check, '--health-retries', '1');
      const sick = await site.podman('healthcheck', 'run', name);
      await site.podman('exec', name, 'touch', '/well');
      const well = await site.podman('healthcheck', 'run', name);
      return { sick: sick.status ?? -1, well: well.status ?? -1 };
    },
    wanted: { sick: 1, well: 0 },
  },
  {
    name: 'podman top lists the processes of a container',
    async act(site) {
      const name = await site.start([], 'sleep', '1000');
      // It runs only a moment after it was started.
      return { output: await until('sleep runs', () => sleeping(site, name)) };
    },
    wanted: { output: 'COMMAND\nsleep\n' },
  },
  {
    name: 'podman build runs its steps through the runtime',
    act: (site) => build(site, 'RUN echo made >/made', 'CMD cat /made'),
    wanted: { built: 0, status: 0, output: 'made\n' },
  },
  {
    name: 'podman build ends with the status of a step that fails',
    act: (site) => build(site, 'RUN exit 7'),
    wanted: { built: 7 },
  },
  {
    name: 'podman run --pid host and --uts host share the namespaces of the host',
    async act(site) {
      const script = 'test $$ -gt 1 && echo beside others';
      return outcome(await site.run(['--pid', 'host', '--uts', 'host'], 'sh', '-c', script));
    },
    wanted: { status: 0, output: 'beside others\n' },
  },
  {
    name: 'podman run --userns with a map of its own gives other ids',
    async act(site) {
      const script = 'id -u; cut -c1-10 /proc/self/uid_map | tr -d " "';
      const map = ['--uidmap', '0:1:100', '--gidmap', '0:1:100'];
      return outcome(await site.run(map, 'sh', '-c', script));
    },
    wanted: { status: 0, output: '0\n0\n' },
  },
];

async function sleeping(site: PodmanSite, name: string): Promise<string | false> {
  const { stdout } = await site.podman('top', name, 'comm');
  return stdout.includes('sleep') && stdout;
}

async function build(site: PodmanSite, ...lines: readonly string[]) {
  const folder = site.file('build');
  mkdirSync(folder);
  writeFileSync(join(folder, 'Dockerfile'), [`FROM ${site.image}`, ...lines, ''].join('\n'));
  const options = ['--isolation', 'oci', '--network', 'none', '--no-cache', '--tag', 'built'];
  const built = await site.podman('build', ...options, folder);
  if (built.status !== 0) return { built: built.status ?? -1 };
  const run = await site.podman('run', '--rm', ...site.options([]), 'built');
  return { built: 0, ...outcome(run) };
}

/** What every user may do. */
export const userCases = [...runCases, ...podCases, ...oddCases];
