import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cgroupFile, cgroupsOf, hierarchies, processesWith, textOf } from '../lib/machine.js';
import { sendSignal } from '../lib/send-signal.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const KiB = 1024;
const MiB = 1024 * KiB;

const isV1 = hierarchies().some(({ controllers }) => controllers.includes('memory'));
const files = isV1
  ? { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes' }
  : { limit: 'memory.max', usage: 'memory.current' };

const directoryOf = (cgroup: string): string => dirname(cgroupFile('memory', cgroup, 'any'));
const hasMemory = isV1 || textOf('/sys/fs/cgroup/cgroup.subtree_control').includes('memory');

/** What the processors have charged beforehand is given back, when a limit is tried that is too low. */
function squeeze(directory: string): void {
  const write = (value: string) => writeFileSync(join(directory, files.limit), value);
  if (isV1) expect(() => write('4096')).toThrow('EBUSY');
  write(textOf(join(directory, files.usage)));
}

if (hasMemory)
  suite(`memory that is not enough, on cgroup ${isV1 ? 'v1' : 'v2'}`, ({ it }) => {
    it('for init of a container is told with the limit and how much was used', async (box) => {
      const outer = `/${box.container().id}`;
      const directory = directoryOf(outer);
      mkdirSync(directory);
      if (!isV1) writeFileSync(join(directory, 'cgroup.subtree_control'), '+memory');
      writeFileSync(join(directory, files.limit), String(256 * KiB));
      const container = box.container((config) => {
        config.linux.cgroupsPath = `${outer}/inner`;
      });
      const { status, stderr } = await container.create();
      expect(status).toBe(1);
      expect(stderr).toContain('container init was OOM-killed (memory limit too low?): ');
      const peak = textOf(join(directory, 'memory.peak')) || isV1 ? ', peak \\d+' : '';
      expect(stderr).toMatch(new RegExp(`limit ${256 * KiB} of \\S*${outer}${peak} bytes`));
      await until('the cgroup is unused', () => cgroupsOf(`${outer}/inner`).length === 0);
      for (const path of cgroupsOf(outer)) rmdirSync(path);
    });

    it('because of the container’s own limit is told as well', async (box) => {
      const refusal = await box.refusal(({ linux }) => {
        linux.resources = { memory: { limit: 4096 } };
      });
      // v1 does not take a limit below what is in use, v2 does and kills.
      expect(refusal).toMatch(
        isV1
          ? /\/linux\/resources\/memory\/limit/
          : /container init was OOM-killed \(memory limit too low\?\): limit 4096, peak \d+ bytes|limit 4096 bytes/,
      );
    });

    it('for a process of exec is told, and the container is none the worse', async (box) => {
      const container = box.container(({ process, linux }) => {
        process.args = ['sleep', '1000'];
        linux.resources = { ...linux.resources, memory: { limit: 64 * MiB } };
      });
      const init = await container.started();
      // Until then it needs memory itself.
      await until('init sleeps', () => textOf(`/proc/${init}/wchan`).includes('nanosleep'));
      const directory = directoryOf(container.cgroup);
      squeeze(directory);
      // The kernel is to choose the new process and not init.
      const file = container.processFile({ args: ['true'], oomScoreAdj: 1000 });
      const { status, stderr } = await container.exec(['--process', file]);
      expect([status, stderr]).toEqual([
        255,
        expect.stringContaining('the process was killed, possibly for want of memory: limit '),
      ]);
      expect(stderr).toMatch(/limit \d+(, peak \d+)? bytes/);
      expect(await container.status()).toBe('running');
      writeFileSync(join(directory, files.limit), String(64 * MiB));
      expect(await container.says('echo well')).toContain('well');
    });

    it('is not blamed for what somebody has killed', async (box) => {
      const container = box.container(({ process }) => {
        process.args = ['sleep', '1000'];
      });
      await container.started();
      await box.runtime('pause', container.id);
      const running = box.start(container.execWords(['--ignore-paused'], 'true'));
      const [pid = 0] = await until('it is in', () => {
        const found = processesWith(`${container.cgroup}\n`);
        return found.length > 1 && found.filter((each) => each !== container.pid);
      });
      sendSignal(pid, 'SIGKILL');
      await box.runtime('resume', container.id);
      const { status, stderr } = await running.ended();
      expect(status).toBe(255);
      expect(stderr).toContain('the process killed by SIGKILL before it was ready');
      expect(stderr).not.toContain('memory');
    });
  });
else test.skip('memory that is not enough (needs the memory controller)', () => {});
