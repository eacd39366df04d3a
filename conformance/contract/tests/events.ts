import { deepEqual, equal, ok } from 'node:assert/strict';
import { cgroupFile, textOf } from '../../lib/machine.js';
import { until } from '../../lib/until.js';
import { cgroupV1, controller, root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { failsWith, running, stopped } from '../help.js';

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

export const eventsTests = subject('engine-events', (test) => {
  test(
    'stats',
    'events --stats prints one line and ends',
    { proves: ['commands/events-stats'], needs: [root] },
    async (trial) => {
      const { id } = await running(trial);
      const { stdout, stderr } = await succeeds(trial.runtime('events', '--stats', id));
      const { data, ...rest } = JSON.parse(stdout);
      deepEqual([rest, linesOf(stdout).length, stderr], [{ type: 'stats', id }, 1, '']);
      equal(typeof data, 'object');
    },
  );

  test(
    'data',
    'The data are grouped by what they are about, with numbers',
    { proves: ['commands/events-data'], needs: [controller('pids'), controller('memory')] },
    async (trial) => {
      const { id } = await running(trial);
      const { stdout } = await succeeds(trial.runtime('events', '--stats', id));
      const { cpu, memory, pids, blkio, intel_rdt, hugetlb } = JSON.parse(stdout).data;
      for (const group of [cpu, memory, pids, blkio, intel_rdt, hugetlb])
        equal(typeof group, 'object');
      for (const value of [cpu.usage.total, cpu.usage.kernel, cpu.usage.user, pids.current])
        equal(typeof value, 'number');
      for (const name of ['usage', 'swap', 'kernel', 'kernelTCP'])
        deepEqual(
          [typeof memory[name].limit, typeof memory[name].failcnt],
          ['number', 'number'],
          name,
        );
      equal(typeof memory.raw, 'object');
      ok(memory.usage.usage > 0);
    },
  );

  test(
    'limits',
    'Limits are shown with all their digits',
    {
      proves: ['commands/events-data'],
      needs: [controller('pids'), controller('memory'), cgroupV1],
    },
    async (trial) => {
      const container = await running(trial, ({ linux }) => {
        linux.resources = { ...linux.resources, pids: { limit: 77 } };
      });
      const { stdout } = await succeeds(trial.runtime('events', '--stats', container.id));
      const limit = textOf(cgroupFile('memory', container.cgroup, 'memory.limit_in_bytes')).trim();
      ok(stdout.includes(`"usage":{"limit":${limit},`), 'the limit of memory is another');
      ok(stdout.includes('"pids":{"current":1,"limit":77}'), 'the processes are others');
    },
  );

  test(
    'interval',
    'Without --stats there is a line at each interval, until the container has ended and is gone',
    { proves: ['commands/events-interval'], needs: [root] },
    async (trial) => {
      const container = await running(trial);
      const call = trial.start(['events', '--interval', '20ms', container.id]);
      const enough = () => linesOf(call.stdout()).length >= 3 || call.child.exitCode !== null;
      await until('there are three', enough);
      await succeeds(container.delete('--force'));
      const { status, stdout } = await call.ended();
      equal(status, 0);
      for (const line of linesOf(stdout)) equal(JSON.parse(line).type, 'stats');
      ok(linesOf(stdout).length >= 3);
    },
  );

  test(
    'refused',
    'An interval of nothing is refused, and a container that there is not or that has ended',
    { proves: ['commands/events-refused'], needs: [root] },
    async (trial) => {
      const { id } = await running(trial);
      const words = /duration interval must be greater than 0/;
      await failsWith(trial.runtime('events', '--interval', '0s', id), 1, words);
      await failsWith(trial.runtime('events', '--interval=-1s', id), 1, words);
      await fails(trial.runtime('events', '--stats', 'engine-nobody'));
      const ended = await stopped(trial);
      await failsWith(trial.runtime('events', '--stats', ended.id), 1, /is not running/);
    },
  );
});
