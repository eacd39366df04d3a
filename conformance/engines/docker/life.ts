import { sendSignal } from '../../lib/send-signal.js';
import type { Case } from '../lib/case.js';
import { untilItListens } from '../lib/idle.js';
import type { DockerSite } from './site.js';

/** What becomes of a container: stop, kill, pause, restart, health. */
export const lifeCases: readonly Case<DockerSite>[] = [
  {
    name: 'docker stop ends a command by the signal that it waits for',
    async act(site) {
      const id = await site.idle();
      await site.docker('exec', id, ...untilItListens);
      const { status } = await site.docker('stop', id);
      return { status: status ?? -1, exit: await site.inspect(id, '.State.ExitCode') };
    },
    wanted: { status: 0, exit: '0' },
  },
  {
    name: 'docker stop kills a command that does not listen, when its time is over',
    async act(site) {
      const id = await site.start([], 'sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done');
      await site.docker('stop', '--time', '1', id);
      return { exit: await site.inspect(id, '.State.ExitCode') };
    },
    wanted: { exit: '137' },
  },
  {
    name: 'docker kill sends the signal of that name',
    async act(site) {
      const script = 'trap "exit 9" USR1; echo ready; while :; do sleep 0.05; done';
      const id = await site.start([], 'sh', '-c', script);
      await site.untilLogs(id, 'ready\n');
      await site.docker('kill', '--signal', 'USR1', id);
      const { stdout } = await site.docker('wait', id);
      return { exit: stdout };
    },
    wanted: { exit: '9\n' },
  },
  {
    name: 'docker kill ends a container at once',
    async act(site) {
      const id = await site.idle();
      await site.docker('kill', id);
      const { stdout } = await site.docker('wait', id);
      return { exit: stdout };
    },
    wanted: { exit: '137\n' },
  },
  {
    name: 'docker start runs a stopped container again, with its files',
    async act(site) {
      const id = await site.start([], 'sh', '-c', 'echo x >>/count; wc -l </count');
      await site.docker('wait', id);
      const { stdout } = await site.docker('start', '--attach', id);
      return { stdout };
    },
    wanted: { stdout: '2\n' },
  },
  {
    name: 'docker restart gives a container a new process',
    async act(site) {
      const id = await site.idle();
      const before = await site.inspect(id, '.State.Pid');
      await site.docker('restart', id);
      const after = await site.inspect(id, '.State.Pid');
      return { running: await site.inspect(id, '.State.Running'), another: before !== after };
    },
    wanted: { running: 'true', another: true },
  },
  {
    name: 'docker pause stops all of a container, refuses exec, and unpause lets it go on',
    async act(site) {
      const id = await site.idle();
      await site.docker('pause', id);
      const paused = await site.inspect(id, '.State.Status');
      const exec = await site.docker('exec', id, 'true');
      await site.docker('unpause', id);
      const after = await site.docker('exec', id, 'true');
      return { paused, exec: exec.status ?? -1, after: after.status ?? -1 };
    },
    wanted: { paused: 'paused', exec: 1, after: 0 },
  },
  {
    name: 'docker run --restart on-failure:2 tries a failing command twice more',
    async act(site) {
      const id = await site.start(['--restart', 'on-failure:2'], 'sh', '-c', 'echo x; exit 1');
      await site.until(id, '.State.Status', 'exited');
      await site.until(id, '.RestartCount', '2');
      return { logs: (await site.docker('logs', id)).stdout };
    },
    wanted: { logs: 'x\nx\nx\n' },
  },
  {
    name: 'docker run --restart always runs a container again whose process was killed from outside',
    async act(site) {
      const id = await site.start(['--restart', 'always'], 'sleep', '1000');
      const pid = Number(await site.inspect(id, '.State.Pid'));
      sendSignal(pid, 'SIGKILL');
      await site.until(id, '.RestartCount', '1');
      return { running: await site.until(id, '.State.Running', 'true') };
    },
    wanted: { running: 'true' },
  },
  {
    name: 'docker run --health-cmd tells health as it changes',
    async act(site) {
      const check = ['--health-cmd', 'test -e /well', '--health-interval', '200ms'];
      const id = await site.start([...check, '--health-retries', '1'], 'sleep', '1000');
      const first = await site.until(id, '.State.Health.Status', 'unhealthy');
      await site.docker('exec', id, 'touch', '/well');
      return { first, later: await site.until(id, '.State.Health.Status', 'healthy') };
    },
    wanted: { first: 'unhealthy', later: 'healthy' },
  },
  {
    name: 'docker rm --force removes a running container',
    async act(site) {
      const id = await site.idle();
      const { status } = await site.docker('rm', '--force', id);
      const { status: gone } = await site.docker('inspect', id);
      return { status: status ?? -1, gone: gone ?? -1 };
    },
    wanted: { status: 0, gone: 1 },
  },
];
