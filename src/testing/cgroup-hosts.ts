import type { CgroupFacts } from '../cgroup/driver.js';
import type { FakeMount } from './fake-cgroups.js';

/** A v1 host as seen by a runtime in the cgroup `own` of each hierarchy. */
export const factsV1 = (own = '/'): CgroupFacts => ({
  mode: 'v1',
  hierarchies: [
    ['name=systemd'],
    ['pids'],
    ['devices'],
    ['freezer'],
    ['memory'],
    ['cpuset'],
    ['cpu', 'cpuacct'],
  ].map((controllers) => ({
    controllers,
    mountpoint: `/sys/fs/cgroup/${controllers.join(',').replace('name=', '')}`,
    own,
  })),
  unified: null,
});

export const factsHybrid = (own = '/'): CgroupFacts => ({
  ...factsV1(own),
  mode: 'hybrid',
  unified: { mountpoint: '/sys/fs/cgroup/unified', own, controllers: ['hugetlb'] },
});

export const factsV2 = (
  own = '/',
  controllers = ['cpuset', 'cpu', 'io', 'memory', 'pids'],
): CgroupFacts => ({
  mode: 'v2',
  hierarchies: [],
  unified: { mountpoint: '/sys/fs/cgroup', own, controllers },
});

const interfaceFiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pids: { 'pids.max': 'max\n' },
  devices: { 'devices.list': 'a *:* rwm\n', 'devices.allow': '', 'devices.deny': '' },
  freezer: { 'freezer.state': 'THAWED\n' },
  memory: {
    'memory.limit_in_bytes': '9223372036854771712\n',
    'memory.memsw.limit_in_bytes': '9223372036854771712\n',
    'memory.usage_in_bytes': '4096\n',
    'memory.max_usage_in_bytes': '8192\n',
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
  },
  cpuset: { 'cpuset.cpus': '\n', 'cpuset.mems': '\n' },
  cpu: {
    'cpu.shares': '1024\n',
    'cpu.cfs_quota_us': '-1\n',
    'cpu.cfs_period_us': '100000\n',
    'cpu.rt_period_us': '1000000\n',
    'cpu.rt_runtime_us': '0\n',
  },
};

const rootFiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cpuset: { 'cpuset.cpus': '0-3\n', 'cpuset.mems': '0\n' },
};

const unifiedFiles = {
  'cgroup.procs': '',
  'cgroup.controllers': '',
  'cgroup.subtree_control': '',
  'cgroup.freeze': '0\n',
  'cgroup.kill': '',
};

/** The file systems that make a host answer as its facts say. */
export function mountsOf({ hierarchies, unified, mode }: CgroupFacts): FakeMount[] {
  const v1 = hierarchies.map(({ controllers, mountpoint }): FakeMount => {
    const of = (table: typeof rootFiles) =>
      Object.assign({}, ...controllers.map((name) => table[name] ?? {}));
    return {
      mountpoint,
      files: { tasks: '', 'cgroup.procs': '', ...of(interfaceFiles) },
      root: of(rootFiles),
    };
  });
  if (unified === null) return v1;
  const limits = mode === 'v2' ? { 'memory.max': 'max\n', 'memory.current': '4096\n' } : {};
  const pids = mode === 'v2' ? { 'pids.max': 'max\n', 'memory.events': 'oom 1\noom_kill 1\n' } : {};
  const root = { 'cgroup.controllers': `${unified.controllers.join(' ')}\n` };
  return [
    ...v1,
    { mountpoint: unified.mountpoint, files: { ...unifiedFiles, ...limits, ...pids }, root },
  ];
}
