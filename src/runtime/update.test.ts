import { describe, expect, it, test } from 'vitest';
import type { CgroupRecord } from '../cgroup/driver.js';
import { decodeRecord, encodeRecord } from '../state/encoding.js';
import { errorIfAny } from '../testing/error-of.js';
import { createdHost, type RuntimeHost, runtimeHost } from '../testing/runtime-host.js';
import { readResources, updateContainer } from './update.js';
import { wholeResources } from './whole-resources.js';

const CGROUPS = '/sys/fs/cgroup';

const update = ({ runtime }: RuntimeHost, text: string, schemas = {}) =>
  updateContainer(runtime, 'c1', readResources(runtime, text), schemas);

const read = ({ machine }: RuntimeHost, path: string) => machine.tree.text(path)?.trim();

describe('an update', () => {
  it('writes new limits and closes all it has opened', () => {
    const host = createdHost();
    update(host, '{"pids":{"limit":7}}');
    expect(read(host, `${CGROUPS}/pids/c1/pids.max`)).toBe('7');
    expect(host.open()).toEqual([]);
  });

  it('is refused when init has ended, and of no container', () => {
    const host = createdHost();
    host.machine.end(4242, 0);
    expect(errorIfAny(() => update(host, '{}'))?.message).toBe('container not running: c1');
    expect(errorIfAny(() => update(runtimeHost(), '{}'))?.message).toContain('does not exist');
    expect(host.open()).toEqual([]);
  });
});

describe('schemas of resctrl', () => {
  const root = '/resctrl';
  const schemata = 'L3:0=ff\nMB:0=100\n';

  function resctrlHost(): RuntimeHost {
    const host = createdHost({
      files: { [`${root}/schemata`]: schemata, [`${root}/tasks`]: '' },
    });
    return { ...host, runtime: { ...host.runtime, resctrl: root } };
  }

  /** In a group of its own already. */
  function groupedHost(): RuntimeHost {
    const host = resctrlHost();
    host.machine.tree.put(`${root}/gold/schemata`, schemata);
    const path = '/run/runts/c1/state.json';
    const record = decodeRecord(host.machine.tree.text(path)!, 'c1');
    const rdt = { group: `${root}/gold`, monitor: null };
    host.machine.tree.put(path, encodeRecord({ ...record, rdt }));
    return host;
  }

  it('are written to the group of the container', () => {
    const host = groupedHost();
    update(host, '{}', { memBwSchema: 'MB:0=50' });
    expect(read(host, `${root}/gold/schemata`)).toBe('MB:0=50');
    expect(host.open()).toEqual([]);
  });

  it('are what they were when a limit is refused', () => {
    const host = groupedHost();
    const text = '{"memory":{"limit":1,"checkBeforeUpdate":true}}';
    const error = errorIfAny(() => update(host, text, { l3CacheSchema: 'L3:0=f' }));
    expect(error?.message).toContain('rejecting memory limit');
    expect(read(host, `${root}/gold/schemata`)).toBe(schemata.trim());
    expect(host.open()).toEqual([]);
  });
});

test('systemd is told both halves of what it takes for one', () => {
  const host = createdHost();
  const put = (path: string, text: string) => host.machine.tree.put(`${CGROUPS}/${path}`, text);
  const directory = { path: `${CGROUPS}/memory/c1`, controllers: [], mountpoint: CGROUPS };
  const v2: CgroupRecord = { mode: 'v2', directories: [directory] };
  put('memory/c1/cpu.max', '20000 50000\n');
  put('memory/c1/memory.max', '4096\n');
  const whole = (record: CgroupRecord, resources: Parameters<typeof wholeResources>[2]) =>
    wholeResources(host.runtime, record, resources);
  expect(whole(v2, { cpu: { quota: 20000 } })).toEqual({ cpu: { quota: 20000n, period: 50000n } });
  expect(whole(v2, { cpu: { shares: 5 } })).toEqual({ cpu: { shares: 5 } });
  expect(whole(v2, { memory: { swap: 8192 } })).toEqual({ memory: { swap: 8192, limit: 4096n } });
  put('memory/c1/cpu.max', 'max 60000\n');
  expect(whole(v2, { cpu: { period: 60000 } })).toEqual({ cpu: { quota: -1n, period: 60000n } });
  const v1: CgroupRecord = {
    mode: 'v1',
    directories: [{ ...directory, path: `${CGROUPS}/cpu,cpuacct/c1`, controllers: ['cpu'] }],
  };
  put('cpu,cpuacct/c1/cpu.cfs_quota_us', '30000\n');
  expect(whole(v1, { cpu: { period: 100000 } })).toEqual({
    cpu: { quota: 30000n, period: 100000n },
  });
});
