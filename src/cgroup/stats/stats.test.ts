import { describe, expect, it } from 'vitest';
import { stringify } from '../../spec/json.js';
import { fakeCgroups } from '../../testing/fake-cgroups.js';
import type { CgroupRecord } from '../driver.js';
import { cgroupStats } from './stats.js';

const V1 = '/v1';

const recordOf = (mode: CgroupRecord['mode'], names: readonly (readonly string[])[]) => ({
  mode,
  directories: names.map((controllers) => ({
    controllers,
    path: `${V1}/${controllers.join(',') || 'unified'}`,
    mountpoint: V1,
  })),
});

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Statistics as JSON, read again. */
function statsOf(record: CgroupRecord, texts: Texts) {
  const fake = fakeCgroups({ mounts: [{ mountpoint: V1, files: {} }] });
  for (const { path } of record.directories) fake.make(path);
  for (const [folder, files] of Object.entries(texts))
    for (const [name, text] of Object.entries(files)) fake.put(`${V1}/${folder}/${name}`, text);
  const text = stringify(cgroupStats(fake.context, record));
  expect(fake.open()).toEqual([]);
  return { text, stats: JSON.parse(text) };
}

describe('statistics of v1', () => {
  const record = recordOf('v1', [['cpu', 'cpuacct'], ['memory'], ['blkio'], ['pids'], ['cpuset']]);

  it('come from many files', () => {
    const { stats } = statsOf(record, {
      'cpu,cpuacct': {
        'cpu.stat': 'nr_periods 3\nnr_throttled 2\nthrottled_time 17\n',
        'cpuacct.usage': '30\n',
        'cpuacct.usage_percpu': '10 20 \n',
        'cpuacct.usage_all': 'cpu user system\n0 4 6\n1 15 5\n',
        'cpuacct.stat': 'user 2\nsystem 1\n',
      },
      pids: { 'pids.current': '3\n', 'pids.max': '9\n' },
      cpuset: {
        'cpuset.cpus': '0-2,5\n',
        'cpuset.mems': '0\n',
        'cpuset.sched_relax_domain_level': '-1\n',
      },
    });
    expect(stats.cpu).toEqual({
      usage: {
        total: 30,
        percpu: [10, 20],
        percpu_kernel: [6, 5],
        percpu_user: [4, 15],
        kernel: 10_000_000,
        user: 20_000_000,
      },
      throttling: { periods: 3, throttledPeriods: 2, throttledTime: 17 },
    });
    expect(stats.pids).toEqual({ current: 3, limit: 9 });
    expect(stats.cpuset).toMatchObject({
      cpus: [0, 1, 2, 5],
      mems: [0],
      cpu_exclusive: 0,
      sched_relax_domain_level: -1,
    });
  });

  it('keep all digits of memory, and leave out what is zero', () => {
    const { stats, text } = statsOf(record, {
      memory: {
        'memory.limit_in_bytes': '9223372036854771712\n',
        'memory.usage_in_bytes': '9007199254740993\n',
        'memory.failcnt': '0\n',
        'memory.stat': 'rss 5\ncache 7\n',
      },
    });
    expect(text).toContain(
      '"usage":{"limit":9223372036854771712,"usage":9007199254740993,"failcnt":0}',
    );
    expect(stats.memory).toMatchObject({ cache: 7, raw: { cache: 7, rss: 5 } });
    expect(stats.memory.kernelTCP).toEqual({ limit: 0, failcnt: 0 });
    expect(Object.keys(stats.memory.raw)).toEqual(['cache', 'rss']);
    expect(stats.memory.psi).toBeUndefined();
  });

  it('take the scheduler that counts, or throttling, without sums over devices', () => {
    const throttle = {
      'blkio.throttle.io_serviced_recursive': '8:0 Read 4\n8:0 Total 4\nTotal 4\n',
      'blkio.throttle.io_service_bytes_recursive': '8:16 Write 4096\nTotal 4096\n',
    };
    expect(statsOf(record, { blkio: throttle }).stats.blkio).toEqual({
      ioServiceBytesRecursive: [{ major: 8, minor: 16, op: 'Write', value: 4096 }],
      ioServicedRecursive: [
        { major: 8, op: 'Read', value: 4 },
        { major: 8, op: 'Total', value: 4 },
      ],
    });
    const bfq = {
      'blkio.bfq.io_serviced_recursive': '8:0 Read 5\n',
      'blkio.bfq.time_recursive': '8:0 123\n',
    };
    expect(statsOf(record, { blkio: { ...throttle, ...bfq } }).stats.blkio).toEqual({
      ioServicedRecursive: [{ major: 8, op: 'Read', value: 5 }],
      ioTimeRecursive: [{ major: 8, value: 123 }],
    });
  });

  it('are zero where there is no such controller', () => {
    const { stats } = statsOf(recordOf('v1', [['pids']]), {});
    expect(stats.memory.usage).toEqual({ limit: 0, failcnt: 0 });
    expect(stats).toMatchObject({ blkio: {}, hugetlb: {}, pids: {} });
  });
});

describe('statistics of v2', () => {
  const record = recordOf('v2', [[]]);
  const of = (unified: Readonly<Record<string, string>>) => statsOf(record, { unified });

  it('are in the words and units of v1', () => {
    const { stats } = of({
      'cpu.stat': 'usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 1\nthrottled_usec 4\n',
      'pids.current': '2\n',
      'pids.max': 'max\n',
      'io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n8:16 rbytes=7\n',
      'cpuset.cpus.effective': '0-1\n',
      'hugetlb.2MB.current': '2097152\n',
      'hugetlb.2MB.events': 'max 3\n',
      'hugetlb.2MB.rsvd.current': '0\n',
    });
    expect(stats.cpu).toEqual({
      usage: { total: 5000, kernel: 2000, user: 3000 },
      throttling: { periods: 1, throttledTime: 4000 },
    });
    expect(stats.pids).toEqual({ current: 2 });
    expect(stats.cpuset.cpus).toEqual([0, 1]);
    expect(stats.hugetlb).toEqual({ '2MB': { usage: 2097152, failcnt: 3 } });
    expect(stats.blkio).toEqual({
      ioServiceBytesRecursive: [
        { major: 8, op: 'Read', value: 1 },
        { major: 8, op: 'Write', value: 2 },
        { major: 8, minor: 16, op: 'Read', value: 7 },
      ],
      ioServicedRecursive: [
        { major: 8, op: 'Read', value: 3 },
        { major: 8, op: 'Write', value: 4 },
      ],
    });
  });

  it('count swap together with memory, and know no limit as 2^64-1', () => {
    const memory = { 'memory.current': '10\n', 'memory.peak': '12\n', 'memory.stat': 'file 4\n' };
    const open = of({ ...memory, 'memory.max': 'max\n', 'memory.swap.max': '5\n' });
    expect(open.text).toContain('"usage":{"limit":18446744073709551615,"usage":10,"max":12,');
    expect(open.text).toContain('"swap":{"limit":18446744073709551615,"usage":10,"failcnt":0}');
    expect(open.stats.memory.cache).toBe(4);
    const swap = { 'memory.swap.max': '50\n', 'memory.swap.current': '3\n' };
    const limited = of({ ...memory, ...swap, 'memory.max': '100\n', 'memory.events': 'max 2\n' });
    expect(limited.stats.memory.swap).toEqual({ limit: 150, usage: 13, failcnt: 0 });
    expect(limited.stats.memory.usage).toEqual({ limit: 100, usage: 10, max: 12, failcnt: 2 });
  });

  it('tell pressure', () => {
    const line = 'avg10=1.50 avg60=0.00 avg300=0.25 total=18446744073709551615';
    const { stats, text } = of({ 'cpu.pressure': `some ${line}\nfull avg10=0.00 total=0\n` });
    expect(stats.cpu.psi.some).toMatchObject({ avg10: 1.5, avg60: 0, avg300: 0.25 });
    expect(text).toContain('"total":18446744073709551615');
    expect(stats.cpu.psi.full).toEqual({ avg10: 0, avg60: 0, avg300: 0, total: 0 });
    expect(stats.memory.psi).toBeUndefined();
  });
});
