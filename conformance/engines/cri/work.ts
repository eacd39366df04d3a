import { until } from '../../lib/until.js';
import type { Case } from '../lib/case.js';
import { untilItListens } from '../lib/idle.js';
import { limitScript } from '../lib/limits.js';
import type { PodSite } from './site.js';

const MB = 1 << 20;

export const workCases: readonly Case<PodSite>[] = [
  {
    name: 'a container is created, runs, and its status and log stay',
    async act(site) {
      const id = await site.create({
        command: ['sh', '-c', 'echo $A; pwd; echo bad >&2; exit 3'],
        envs: [{ key: 'A', value: 'b c' }],
        working_dir: '/tmp',
      });
      const before = (await site.statusOf(id)).state;
      return { before };
    },
    wanted: { before: 'CREATED' },
  },
  {
    name: 'the log of a container has both of its outputs',
    async act(site) {
      const envs = [{ key: 'A', value: 'b c' }];
      const command = ['sh', '-c', 'echo $A; pwd; exit 3'];
      const { status, output } = await site.run({ command, envs, working_dir: '/tmp' });
      const bad = await site.run({ command: ['sh', '-c', 'echo bad >&2'] });
      return { status, output, bad: bad.output };
    },
    wanted: { status: 3, output: 'stdout b c\nstdout /tmp\n', bad: 'stderr bad\n' },
  },
  {
    name: 'a container with a terminal has one',
    async act(site) {
      const { status, output } = await site.run({
        command: ['sh', '-c', 'test -t 0 && test -t 1 && tty && exit 5'],
        tty: true,
      });
      return { status, output: output.replaceAll('\r', '') };
    },
    wanted: { status: 5, output: 'stdout /dev/pts/0\n' },
  },
  {
    name: 'exec sync answers both outputs and the status',
    async act(site) {
      const id = await site.idle();
      return { ...(await site.exec(id, ['sh', '-c', 'echo out; echo bad >&2; exit 7'])) };
    },
    wanted: { status: 7, stdout: 'out\n', stderr: 'bad\n' },
  },
  {
    name: 'exec sync ends a command that takes too long',
    async act(site) {
      const id = await site.idle();
      const said = await site.exec(id, ['sleep', '1000'], 1).then(
        () => '',
        (error: Error) => error.message,
      );
      const { stdout } = await site.exec(id, ['ps', '-o', 'args']);
      return { late: /deadline exceeded/.test(said), there: stdout.includes('sleep 1000') };
    },
    wanted: { late: true, there: false },
  },
  {
    name: 'a streaming exec takes input and brings both outputs',
    async act(site) {
      const id = await site.idle();
      const script = 'read line; echo "got $line"; echo bad >&2; exit 6';
      const { stdout, stderr, end } = await site.streamExec(id, ['sh', '-c', script], {
        stdin: 'word\n',
      });
      return { stdout, stderr, told: /exit code 6|"message":"6"/.test(end) };
    },
    wanted: { stdout: 'got word\n', stderr: 'bad\n', told: true },
  },
  {
    name: 'a streaming exec with a terminal has the size that it was given',
    async act(site) {
      const id = await site.idle();
      const wait = 'until stty size 2>/dev/null | grep -q 101; do usleep 1000; done';
      const script = `read line; tty; ${wait}; stty size`;
      const { stdout } = await site.streamExec(id, ['sh', '-c', script], {
        stdin: 'x\n',
        tty: true,
        size: [101, 37],
      });
      return { output: stdout.replaceAll('\r', '') };
    },
    wanted: { output: 'x\n/dev/pts/0\n37 101\n' },
  },
  {
    name: 'stop sends SIGTERM and tells the status',
    async act(site) {
      const id = await site.idle();
      await site.exec(id, untilItListens);
      const { state, exit_code } = await site.stop(id, 30);
      return { state, status: exit_code };
    },
    wanted: { state: 'EXITED', status: 4 },
  },
  {
    name: 'stop kills who does not listen',
    async act(site) {
      const id = await site.start({ command: ['sleep', '1000'] });
      return { status: (await site.stop(id, 1)).exit_code };
    },
    wanted: { status: 137 },
  },
  {
    name: 'remove ends a container that runs and forgets it',
    async act(site) {
      const id = await site.idle();
      await site.remove(id);
      const found = await site.statusOf(id).then(
        () => true,
        () => false,
      );
      return { found };
    },
    wanted: { found: false },
  },
  {
    name: 'stats tell of memory and processor time',
    async act(site) {
      const id = await site.idle();
      const { cpu, memory } = await site.stats(id);
      return { cpu: cpu > 0n, memory: memory > 0n };
    },
    wanted: { cpu: true, memory: true },
  },
  {
    name: 'limits hold, and update changes them while it runs',
    async act(site) {
      const resources = { memory_limit_in_bytes: 64 * MB, cpu_period: 100000, cpu_quota: 50000 };
      const id = await site.idle({ linux: { resources } });
      const limits = async () => {
        const look = async (limit: 'memory' | 'cpu') =>
          (await site.exec(id, ['sh', '-c', limitScript(limit)])).stdout.trim();
        return `${await look('memory')} ${await look('cpu')}`;
      };
      const before = await limits();
      await site.update(id, { memory_limit_in_bytes: 96 * MB, cpu_quota: 70000 });
      return { before, after: await limits() };
    },
    wanted: { before: `${64 * MB} 50000`, after: `${96 * MB} 70000` },
  },
  {
    name: 'a container beyond its memory is told to have been killed for it',
    async act(site) {
      // containerd tells it in an event, which the end of a container may overtake: another one then.
      const { reason, exit_code } = await until('containerd hears of it', async () => {
        const id = await site.start({
          command: ['sh', '-c', 'tail -c 200000000 /dev/zero'],
          linux: { resources: { memory_limit_in_bytes: 16 * MB } },
        });
        const ended = await site.untilExited(id);
        return ended.reason === 'OOMKilled' && ended;
      });
      return { reason, status: exit_code };
    },
    wanted: { reason: 'OOMKilled', status: 137 },
  },
  {
    name: 'a command that is missing is told by start',
    async act(site) {
      const said = await site.startError({ command: ['/no/such/command'] });
      return { missing: /no such file or directory/.test(said) };
    },
    wanted: { missing: true },
  },
];
