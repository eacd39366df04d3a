import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Finished } from '../lib/call.js';
import { cgroupViews, suiteInViews } from '../lib/cgroup-views.js';
import type { Config } from '../lib/config.js';
import type { Container } from '../lib/container.js';
import { cgroupFile, textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

const MiB = 1 << 20;
const done = { status: 0, stdout: '', stderr: '' };

async function sleeper(box: Box, resources?: Config['linux']['resources']): Promise<Container> {
  const container = box.container(({ process, linux }) => {
    process.args = ['sleep', '1000'];
    linux.resources = { ...linux.resources, ...resources };
  });
  await container.started();
  return container;
}

/** `update` with this text on its standard input. */
function updateWith(box: Box, container: Container, text: string, ...more: string[]) {
  const path = join(box.folderFor('resources'), 'text');
  writeFileSync(path, text);
  const stdin = openSync(path, 'r');
  return box.with({ stdin }, 'update', ...more, '--resources', '-', container.id);
}

async function refusal(call: Promise<Finished>): Promise<string> {
  const { status, stdout, stderr } = await call;
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  return stderr;
}

suiteInViews('update', ({ it }) => {
  it('without anything to change changes nothing', async (box) => {
    const container = await sleeper(box);
    expect(await box.runtime('update', container.id)).toMatchObject(done);
    expect(await updateWith(box, container, '{}')).toMatchObject(done);
  });

  it('is for containers that have not ended', async (box) => {
    const container = box.container();
    const pid = await container.created();
    const update = () => box.runtime('update', container.id);
    expect(await update()).toMatchObject(done);
    await box.runtime('pause', container.id);
    expect(await update()).toMatchObject(done);
    await container.kill('KILL');
    await container.ended(pid);
    expect(await refusal(update())).toContain('container not running');
    expect(await refusal(box.runtime('update', 'nobody'))).toContain('container does not exist');
  });

  it('tells with a pointer what is wrong with the limits', async (box) => {
    const container = await sleeper(box);
    const update = (text: string) => refusal(updateWith(box, container, text));
    expect(await update('{"memory":{"limit":"x"}}')).toContain(
      '/linux/resources/memory/limit: found',
    );
    expect(await update('{"cpu":{"idle":7}}')).toContain('/linux/resources/cpu/idle');
    expect(await update('{"memory":{}')).toContain('not valid JSON');
    expect(await update('')).toContain('not valid JSON');
    expect(await update('{}}, "mounts": {')).toContain('not valid JSON');
    const words = (...given: string[]) => refusal(box.runtime('update', ...given, container.id));
    expect(await words('--memory', '5q')).toContain('for flag -memory: must be bytes');
    expect(await words('--pids-limit', 'many')).toContain('must be a whole number');
    const missing = await words('--resources', '/no/such/file');
    expect(missing).toContain('read resources from /no/such/file');
    expect(missing).not.toContain('no such file or directory');
  });

  it('needs resctrl for schemas', async (box) => {
    const container = await sleeper(box);
    const stderr = await refusal(box.runtime('update', '--mem-bw-schema', 'MB:0=50', container.id));
    expect(stderr).toContain('resctrl is not mounted');
  });
});

if (cgroupViews.some(({ name }) => name === 'v1'))
  suite('update of limits of v1', ({ it }) => {
    const shown = (container: Container, controller: string, file: string) =>
      textOf(cgroupFile(controller, container.cgroup, file)).trim();
    const memory = (container: Container, file = 'memory.limit_in_bytes') =>
      shown(container, 'memory', file);

    it('writes what each option asks for', async (box) => {
      const container = await sleeper(box);
      const asked: readonly (readonly [words: string[], file: string, value: string])[] = [
        [['--memory', '64m'], 'memory.limit_in_bytes', String(64 * MiB)],
        [['--memory-reservation=32MiB'], 'memory.soft_limit_in_bytes', String(32 * MiB)],
        [['--memory-swap', '0.125g'], 'memory.memsw.limit_in_bytes', String(128 * MiB)],
        [['--cpu-share', '300'], 'cpu.shares', '300'],
        [['--cpu-period', '50000', '--cpu-quota', '20000'], 'cpu.cfs_quota_us', '20000'],
        [['--cpuset-cpus', '0', '--cpuset-mems', '0'], 'cpuset.cpus', '0'],
        [['--pids-limit', '20'], 'pids.max', '20'],
        [['--pids-limit', '-1'], 'pids.max', 'max'],
      ];
      for (const [words, file, value] of asked) {
        expect(await box.runtime('update', ...words, container.id)).toMatchObject(done);
        expect([file, shown(container, file.split('.')[0]!, file)]).toEqual([file, value]);
      }
      expect(memory(container)).toBe(String(64 * MiB));
    });

    it('keeps the quota when the period changes, and the period when the quota does', async (box) => {
      const container = await sleeper(box, { cpu: { quota: 20_000, period: 50_000 } });
      const cpu = () =>
        ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((file) => shown(container, 'cpu', file));
      await box.runtime('update', '--cpu-period', '60000', container.id);
      expect(cpu()).toEqual(['20000', '60000']);
      await box.runtime('update', '--cpu-quota', '30000', container.id);
      expect(cpu()).toEqual(['30000', '60000']);
    });

    it('takes a document from a file or the standard input, and then no other option', async (box) => {
      const container = await sleeper(box);
      const text = (pids: number) =>
        JSON.stringify({
          memory: { limit: 48 * MiB },
          pids: { limit: pids },
          devices: [{ allow: false, access: 'rwm' }],
          unified: null,
        });
      expect(await updateWith(box, container, text(9), '--pids-limit', '3')).toMatchObject(done);
      expect(shown(container, 'pids', 'pids.max')).toBe('9');
      expect(memory(container)).toBe(String(48 * MiB));
      const path = join(box.folder, 'limits.json');
      writeFileSync(path, text(11));
      expect(await box.runtime('update', '-r', path, container.id)).toMatchObject(done);
      expect(shown(container, 'pids', 'pids.max')).toBe('11');
    });

    it('leaves device rules alone', async (box) => {
      const container = await sleeper(box);
      const list = () => shown(container, 'devices', 'devices.list');
      const before = list();
      const everything = '{"devices":[{"allow":true,"access":"rwm"}],"pids":{"limit":5}}';
      expect(await updateWith(box, container, everything)).toMatchObject(done);
      expect(list()).toBe(before);
    });

    it('unlimits swap with memory', async (box) => {
      const container = await sleeper(box, { memory: { limit: 32 * MiB, swap: 64 * MiB } });
      expect(await box.runtime('update', '--memory', '-1', container.id)).toMatchObject(done);
      const unlimited = '9223372036854771712';
      expect(memory(container)).toBe(unlimited);
      expect(memory(container, 'memory.memsw.limit_in_bytes')).toBe(unlimited);
    });

    it('writes all or nothing', async (box) => {
      const container = await sleeper(box, { memory: { limit: 64 * MiB }, cpu: { cpus: '0' } });
      const words = ['--memory', '32m', '--cpu-share', '300', '--cpuset-cpus', '4095'];
      const stderr = await refusal(box.runtime('update', ...words, container.id));
      expect(stderr).toContain('/linux/resources/cpu/cpus');
      expect(memory(container)).toBe(String(64 * MiB));
      expect(shown(container, 'cpu', 'cpu.shares')).toBe('1024');
      expect(shown(container, 'cpuset', 'cpuset.cpus')).toBe('0');
    });

    it('refuses less memory than is in use when it is told to look', async (box) => {
      const container = await sleeper(box);
      const text = '{"memory":{"limit":4096,"checkBeforeUpdate":true}}';
      expect(await refusal(updateWith(box, container, text))).toContain('rejecting memory limit');
      const swap = '{"memory":{"limit":4096,"swap":4096,"checkBeforeUpdate":true}}';
      expect(await refusal(updateWith(box, container, swap))).toMatch(/rejecting memory/);
      expect(memory(container)).toBe('9223372036854771712');
    });

    it('warns of what Linux has no longer, and does the rest', async (box) => {
      const container = await sleeper(box);
      const words = ['--kernel-memory', '5m', '--kernel-memory-tcp', '5m', '--pids-limit', '6'];
      const { status, stderr } = await box.runtime('update', ...words, container.id);
      expect(status).toBe(0);
      expect(stderr).toContain('--kernel-memory is ignored');
      expect(stderr).toContain('--kernel-memory-tcp is ignored');
      expect(shown(container, 'pids', 'pids.max')).toBe('6');
      expect(memory(container, 'memory.kmem.tcp.limit_in_bytes')).toBe('9223372036854771712');
    });
  });
