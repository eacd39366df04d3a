import { mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../lib/case.js';
import { untilItListens } from '../lib/idle.js';
import { limitOf } from '../lib/limits.js';
import { oddCommands } from '../lib/odd-commands.js';
import { failure, outcome } from '../lib/outcome.js';
import type { CtrSite } from './site.js';

const exec = (site: CtrSite, id: string, ...command: readonly string[]) =>
  site.ctr('tasks', 'exec', '--exec-id', 'more', id, ...command);

const taskCases: readonly Case<CtrSite>[] = [
  {
    name: 'ctr run shows what a command writes and ends with its status',
    act: async (site) => outcome(await site.run([], 'sh', '-c', 'echo out; exit 3')),
    wanted: { status: 3, output: 'out\n' },
  },
  {
    name: 'ctr run --tty gives a terminal',
    async act(site) {
      const args = site.newContainer('--rm', '--tty');
      return outcome(await site.onTerminal(...args, 'sh', '-c', 'tty; test -t 0 && exit 4'));
    },
    wanted: { status: 4, output: '/dev/pts/0\n' },
  },
  {
    name: 'ctr tasks exec runs a command beside the first one and ends with its status',
    async act(site) {
      const id = await site.idle('--env', 'A=b');
      return outcome(await exec(site, id, 'sh', '-c', 'echo $A; test -e /proc/1/root && exit 5'));
    },
    wanted: { status: 5, output: 'b\n' },
  },
  {
    name: 'ctr tasks exec --tty gives a terminal',
    async act(site) {
      const id = await site.idle();
      const args = ['tasks', 'exec', '--tty', '--exec-id', 'more', id];
      return outcome(await site.onTerminal(...args, 'sh', '-c', 'tty; test -t 0 && exit 6'));
    },
    wanted: { status: 6, output: '/dev/pts/0\n' },
  },
  {
    name: 'ctr tasks kill sends a signal, and tasks delete tells the status',
    async act(site) {
      const id = await site.idle();
      await exec(site, id, ...untilItListens);
      await site.ctr('tasks', 'kill', '--signal', 'SIGTERM', id);
      await site.untilStatus(id, 'STOPPED');
      return { status: await site.deleteTask(id) };
    },
    wanted: { status: 4 },
  },
  {
    name: 'ctr tasks kill --all ends every process, also in the pid namespace of the host',
    async act(site) {
      const script = 'sleep 1000 & echo $! >/pid; while :; do sleep 1000; done';
      const options = ['--with-ns', 'pid:/proc/1/ns/pid'];
      const id = await site.start(options, 'sh', '-c', script);
      const waiting = 'until test -s /pid; do usleep 1000; done; cat /pid';
      const { stdout } = await exec(site, id, 'sh', '-c', waiting);
      const before = await site.ctr('tasks', 'ps', id);
      await site.ctr('tasks', 'kill', '--all', '--signal', 'SIGKILL', id);
      await site.untilStatus(id, 'STOPPED');
      return { listed: before.stdout.includes(stdout.trim()), status: await site.deleteTask(id) };
    },
    wanted: { listed: true, status: 137 },
  },
  {
    name: 'ctr tasks delete refuses a running task, and with --force ends it',
    async act(site) {
      const id = await site.idle();
      const { status: refused } = await site.ctr('tasks', 'delete', id);
      return { refused: refused ?? -1, forced: await site.deleteTask('--force', id) };
    },
    wanted: { refused: 1, forced: 137 },
  },
  {
    name: 'ctr tasks pause stops all of a container, and resume lets it go on',
    async act(site) {
      const id = await site.idle();
      await site.ctr('tasks', 'pause', id);
      const paused = await site.statusOf(id);
      await site.ctr('tasks', 'resume', id);
      return { paused, resumed: await site.statusOf(id) };
    },
    wanted: { paused: 'PAUSED', resumed: 'RUNNING' },
  },
  {
    name: 'ctr tasks metrics counts processes and memory',
    async act(site) {
      const id = await site.start(['--memory-limit', '33554432'], 'sleep', '1000');
      const { status, stdout } = await site.ctr('tasks', 'metrics', id);
      const [, pids = ''] = /^pids\.current\s+(\d+)$/m.exec(stdout) ?? [];
      const [, limit = ''] =
        /^memory\.(?:usage\.limit|limit_in_bytes)\s+(\d+)$/m.exec(stdout) ?? [];
      return { status: status ?? -1, pids, limit };
    },
    wanted: { status: 0 },
  },
  {
    name: 'ctr tasks ps lists the processes',
    async act(site) {
      const id = await site.start([], 'sleep', '1000');
      const { stdout } = await site.ctr('tasks', 'ps', id);
      return { count: stdout.trim().split('\n').length - 1 };
    },
    wanted: { count: 1 },
  },
  {
    name: 'ctr tasks start makes a container run again',
    async act(site) {
      const id = await site.start([], 'sh', '-c', 'echo x >>/count; exec sleep 1000');
      await site.ctr('tasks', 'delete', '--force', id);
      const { status } = await site.ctr('tasks', 'start', '--detach', id);
      return { started: status ?? -1, ...outcome(await exec(site, id, 'wc', '-l', '/count')) };
    },
    wanted: { started: 0, status: 0, output: /^[12] \/count\n$/ },
  },
];

const optionCases: readonly Case<CtrSite>[] = [
  {
    name: 'ctr run --env and --cwd arrive',
    act: async (site) =>
      outcome(await site.run(['--env', 'A=b', '--cwd', '/tmp'], 'sh', '-c', 'echo $A; pwd')),
    wanted: { status: 0, output: 'b\n/tmp\n' },
  },
  {
    name: 'ctr run --memory-limit and --cpus arrive in the cgroup',
    async act(site) {
      const id = await site.idle('--memory-limit', '33554432', '--cpus', '0.5');
      const cgroup = site.cgroupOf(id);
      return { memory: limitOf(cgroup, 'memory'), cpu: limitOf(cgroup, 'cpu') };
    },
    wanted: { memory: '33554432', cpu: '50000' },
  },
  {
    name: 'ctr run --read-only keeps the root from being written',
    act: async (site) => outcome(await site.run(['--read-only'], 'touch', '/x')),
    wanted: { status: 1 },
  },
  {
    name: 'ctr run --mount shares a folder',
    async act(site) {
      const folder = join(site.folder, `mount-${site.runtime}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'file'), 'text\n');
      const mount = `type=bind,src=${folder},dst=/m,options=rbind:ro`;
      const script = 'cat /m/file; touch /m/x 2>/dev/null || echo read-only';
      return outcome(await site.run(['--mount', mount], 'sh', '-c', script));
    },
    wanted: { status: 0, output: 'text\nread-only\n' },
  },
  {
    name: 'ctr run --seccomp has a filter',
    act: async (site) =>
      outcome(await site.run(['--seccomp'], 'grep', 'Seccomp:', '/proc/self/status')),
    wanted: { status: 0, output: 'Seccomp:\t2\n' },
  },
  {
    name: 'ctr run --cap-drop and --cap-add change the capabilities',
    act: async (site) =>
      outcome(
        await site.run(
          ['--cap-drop', 'CAP_CHOWN', '--cap-add', 'CAP_SYS_TIME'],
          ...['grep', '-E', 'Cap(Prm|Eff|Bnd|Amb)', '/proc/self/status'],
        ),
      ),
    wanted: { status: 0 },
  },
  {
    name: 'ctr run --net-host shares the network of the host',
    async act(site) {
      const script = 'readlink /proc/self/ns/net';
      const { status, stdout } = await site.run(['--net-host'], 'sh', '-c', script);
      return { status: status ?? -1, same: stdout.trim() === readlinkSync('/proc/self/ns/net') };
    },
    wanted: { status: 0, same: true },
  },
];

/** ctr maps nothing: whatever fails ends it with 1. */
const oddCases: readonly Case<CtrSite>[] = oddCommands.map(({ what, command }) => ({
  name: `ctr run of ${what}`,
  act: async (site: CtrSite) => failure(await site.run([], ...command)),
  wanted: what.includes('library') ? { status: 127 } : { status: 1 },
}));

export const ctrCases = [...taskCases, ...optionCases, ...oddCases];
