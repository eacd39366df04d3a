import { describe, expect, test } from 'vitest';
import type { Linux, Mount, Process, Spec } from '../generated/spec-types.js';
import { ruleComplaints } from './rules.js';
import { template } from './template.js';

const base = template({ cgroupV2: false });
type Change = Partial<Spec>;

const withProcess = (change: Partial<Process>): Change => ({
  process: { ...base.process!, ...change },
});
const withLinux = (change: Partial<Linux>): Change => ({ linux: { ...base.linux, ...change } });
const withMounts = (...mounts: Mount[]): Change => ({ mounts });
const withResources = (resources: Linux['resources'] & object): Change => withLinux({ resources });
const withoutNamespaces = (change: Partial<Linux> = {}): Change => ({
  hostname: '',
  mounts: [],
  root: { path: 'rootfs' },
  linux: { ...change, namespaces: [] },
});
const hook = (path: string, env: string[] = []) => ({ hooks: { prestart: [{ path, env }] } });
const rlimit = (soft: number | bigint, hard: number | bigint) =>
  withProcess({ rlimits: [{ type: 'RLIMIT_NOFILE', soft, hard }] });

const complaints = (change: Change) => ruleComplaints({ ...base, ...change });

/** What a rule refuses: the pointer, and words of the complaint. */
const refused: Record<string, [Change, string, string]> = {
  'a version that is not SemVer': [{ ociVersion: '1.0' }, '/ociVersion', 'a version 1.x.y'],
  'a version with a leading zero': [{ ociVersion: '1.01.0' }, '/ociVersion', '1.x.y'],
  'a version whose suffix has a leading zero': [{ ociVersion: '1.0.0-01' }, '/ociVersion', '1.x'],
  'a version whose suffix lacks a part': [{ ociVersion: '1.0.0-a..b' }, '/ociVersion', '1.x'],
  'a version before 1': [{ ociVersion: '0.5.0-dev' }, '/ociVersion', '1.x.y'],
  'a version from 2 on': [{ ociVersion: '2.0.0' }, '/ociVersion', '1.x.y'],
  'an empty root path': [{ root: { path: '' } }, '/root/path', 'a directory'],
  'an empty annotation key': [{ annotations: { '': 'x' } }, '/annotations/', 'not empty'],
  'a host name longer than the kernel takes': [{ hostname: 'x'.repeat(65) }, '/hostname', '64'],
  'a relative cwd': [withProcess({ cwd: 'tmp' }), '/process/cwd', 'Cwd must be an absolute path'],
  'an empty cwd': [withProcess({ cwd: '' }), '/process/cwd', 'Cwd property must not be empty'],
  'no args': [withProcess({ args: [] }), '/process/args', 'args must not be empty'],
  'a variable without a value': [withProcess({ env: ['A=', 'PATH'] }), '/process/env/1', 'NAME='],
  'a variable without a name': [withProcess({ env: ['=x'] }), '/process/env/0', 'NAME=VALUE'],
  'a soft limit above the hard one': [rlimit(2, 1), '/process/rlimits/0/soft', 'hard limit, 1'],
  'a 64-bit soft limit above the hard one': [
    rlimit(2n ** 63n + 1n, 2n ** 63n),
    '/process/rlimits/0/soft',
    '9223372036854775808',
  ],
  'a terminal that is too large': [
    withProcess({ terminal: true, consoleSize: { height: 65536, width: 80 } }),
    '/process/consoleSize/height',
    '0 to 65535',
  ],
  'a umask of more than nine bits': [
    withProcess({ user: { uid: 0, gid: 0, umask: 0o1000 } }),
    '/process/user/umask',
    '0 to 511',
  ],
  'a mount at the root': [withMounts({ destination: '/./' }), '/mounts/0/destination', 'below /'],
  'a mount without destination': [withMounts({ destination: '' }), '/mounts/0/destination', '/'],
  'a bind mount of nothing': [
    withMounts({ destination: '/a', options: ['rbind'] }),
    '/mounts/0/source',
    'bind mount',
  ],
  'one ID mapping of a mount without the other': [
    withMounts({ destination: '/a', uidMappings: [] }),
    '/mounts/0/gidMappings',
    'both mappings',
  ],
  'a relative masked path': [
    withLinux({ maskedPaths: ['/a', 'b'] }),
    '/linux/maskedPaths/1',
    'an absolute path',
  ],
  'a relative read-only path': [
    withLinux({ readonlyPaths: ['b'] }),
    '/linux/readonlyPaths/0',
    'an absolute path',
  ],
  'two namespaces of one type': [
    withLinux({ namespaces: [...base.linux!.namespaces!, { type: 'pid' }] }),
    '/linux/namespaces/5/type',
    'at most once',
  ],
  'a relative namespace path': [
    withLinux({ namespaces: [{ type: 'mount' }, { type: 'uts' }, { type: 'ipc', path: 'x' }] }),
    '/linux/namespaces/2/path',
    'an absolute path',
  ],
  'mappings without a user namespace': [
    withLinux({ uidMappings: [{ containerID: 0, hostID: 0, size: 1 }] }),
    '/linux/uidMappings',
    'type user',
  ],
  'clock offsets without a time namespace': [
    withLinux({ timeOffsets: { monotonic: { secs: 1 } } }),
    '/linux/timeOffsets',
    'type time',
  ],
  'network devices without a network namespace': [
    withoutNamespaces({ netDevices: { eth0: {} } }),
    '/linux/netDevices',
    'type network',
  ],
  'a network device name that no interface has': [
    withLinux({ netDevices: { 'a/b': {} } }),
    '/linux/netDevices/a~1b',
    'the name of a network interface',
  ],
  'a template of a name that the kernel does not know': [
    withLinux({ netDevices: { eth0: { name: 'eth%s' } } }),
    '/linux/netDevices/eth0/name',
    'the name of a network interface',
  ],
  'one name for two network devices': [
    withLinux({ netDevices: { eth0: { name: 'eth1' }, eth1: {} } }),
    '/linux/netDevices/eth1',
    'at most once',
  ],
  'a device at a relative path': [
    withLinux({ devices: [{ type: 'p', path: 'fifo' }] }),
    '/linux/devices/0/path',
    'an absolute path',
  ],
  'a device without its number': [
    withLinux({ devices: [{ type: 'c', path: '/dev/x', major: 1 }] }),
    '/linux/devices/0/minor',
    'type c',
  ],
  'a device number that no device has': [
    withLinux({ devices: [{ type: 'b', path: '/dev/x', major: 4096, minor: 0 }] }),
    '/linux/devices/0/major',
    '0 to 4095',
  ],
  'access that is no access': [
    withResources({ devices: [{ allow: true, access: 'rx' }] }),
    '/linux/resources/devices/0/access',
    'r, w and m',
  ],
  'a device rule for a negative number': [
    withResources({ devices: [{ allow: true, major: -2 }] }),
    '/linux/resources/devices/0/major',
    '-1 for all',
  ],
  'a swap limit below the memory limit': [
    withResources({ memory: { limit: 2, swap: 1 } }),
    '/linux/resources/memory/swap',
    'at least the memory limit, 2',
  ],
  'a swap limit without a memory limit': [
    withResources({ memory: { limit: -1, swap: 1 } }),
    '/linux/resources/memory/swap',
    'a memory limit with it',
  ],
  'negative memory': [
    withResources({ memory: { limit: -2 } }),
    '/linux/resources/memory/limit',
    '-1 for no limit',
  ],
  'a negative number of tasks': [
    withResources({ pids: { limit: -2 } }),
    '/linux/resources/pids/limit',
    '-1 for no limit',
  ],
  'a negative CPU quota': [
    withResources({ cpu: { quota: -2 } }),
    '/linux/resources/cpu/quota',
    '-1 for no limit',
  ],
  'a CPU burst above the quota': [
    withResources({ cpu: { quota: 10, burst: 11 } }),
    '/linux/resources/cpu/burst',
    'at most the quota, 10',
  ],
  'an idle setting that is neither': [
    withResources({ cpu: { idle: 2 } }),
    '/linux/resources/cpu/idle',
    '0 or 1',
  ],
  'a block device without weight': [
    withResources({ blockIO: { weightDevice: [{ major: 1, minor: 1 }] } }),
    '/linux/resources/blockIO/weightDevice/0',
    'leafWeight',
  ],
  'an RDMA device without limit': [
    withResources({ rdma: { mlx: {} } }),
    '/linux/resources/rdma/mlx',
    'hcaObjects',
  ],
  'a weight that no scheduler takes': [
    withResources({ blockIO: { weight: 1001 } }),
    '/linux/resources/blockIO/weight',
    '1 to 1000',
  ],
  'such a leaf weight of one device': [
    withResources({ blockIO: { weightDevice: [{ major: 1, minor: 1, leafWeight: 2000 }] } }),
    '/linux/resources/blockIO/weightDevice/0/leafWeight',
    '1 to 1000',
  ],
  'a throttled device with a number that no device has': [
    withResources({ blockIO: { throttleReadBpsDevice: [{ major: -1, minor: 0, rate: 1 }] } }),
    '/linux/resources/blockIO/throttleReadBpsDevice/0/major',
    'a device number',
  ],
  'a priority for what is no interface': [
    withResources({ network: { priorities: [{ name: 'eth0\neth1', priority: 1 }] } }),
    '/linux/resources/network/priorities/0/name',
    "an interface's name",
  ],
  'an RDMA device with a space in its name': [
    withResources({ rdma: { 'a b': { hcaHandles: 1 } } }),
    '/linux/resources/rdma/a b',
    "a device's name",
  ],
  'metadata for no listener': [
    withLinux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', listenerMetadata: 'x' } }),
    '/linux/seccomp/listenerMetadata',
    'listenerPath',
  ],
  'notification of no listener': [
    withLinux({
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
      },
    }),
    '/linux/seccomp/listenerPath',
    'SCMP_ACT_NOTIFY',
  ],
  'notification by default': [
    withLinux({ seccomp: { defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/run/agent' } }),
    '/linux/seccomp/defaultAction',
    'SCMP_ACT_NOTIFY cannot be used as default action',
  ],
  'notification of what hands the listener over': [
    withLinux({
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        listenerPath: '/run/agent',
        syscalls: [{ names: ['mkdir', 'sendmsg'], action: 'SCMP_ACT_NOTIFY' }],
      },
    }),
    '/linux/seccomp/syscalls/0/names/1',
    'SCMP_ACT_NOTIFY cannot be used for the sendmsg syscall',
  ],
  'an errno that the kernel does not know': [
    withLinux({ seccomp: { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 4096 } }),
    '/linux/seccomp/defaultErrnoRet',
    '0 to 4095',
  ],
  'an errno for an action without one': [
    withLinux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 } }),
    '/linux/seccomp/defaultErrnoRet',
    'SCMP_ACT_ERRNO',
  ],
  'an errno for a call whose action has none': [
    withLinux({
      seccomp: {
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ALLOW', errnoRet: 1 }],
      },
    }),
    '/linux/seccomp/syscalls/0/errnoRet',
    'SCMP_ACT_ERRNO',
  ],
  'the seventh argument of a call': [
    withLinux({
      seccomp: {
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [
          {
            names: ['mkdir'],
            action: 'SCMP_ACT_ALLOW',
            args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }],
          },
        ],
      },
    }),
    '/linux/seccomp/syscalls/0/args/0/index',
    '0 to 5',
  ],
  'a relative hook': [hook('x'), '/hooks/prestart/0/path', 'an absolute path'],
  'a hook variable without a value': [hook('/x', ['A']), '/hooks/prestart/0/env/0', 'NAME=VALUE'],
  'a cache schema of two lines': [
    withLinux({ intelRdt: { l3CacheSchema: 'L3:0=f\nL3:1=f' } }),
    '/linux/intelRdt/l3CacheSchema',
    'one line',
  ],
  'a bandwidth schema of something else': [
    withLinux({ intelRdt: { memBwSchema: 'L3:0=f' } }),
    '/linux/intelRdt/memBwSchema',
    'MB:',
  ],
  'a class of service that is a path': [
    withLinux({ intelRdt: { closID: '../x' } }),
    '/linux/intelRdt/closID',
    'the name of a group',
  ],
  'a class of service that is the kernel’s': [
    withLinux({ intelRdt: { closID: 'info' } }),
    '/linux/intelRdt/closID',
    'the name of a group',
  ],
  'schemata with a line break': [
    withLinux({ intelRdt: { schemata: ['a\nb'] } }),
    '/linux/intelRdt/schemata/0',
    'one line',
  ],
  'a memory policy without its nodes': [
    withLinux({ memoryPolicy: { mode: 'MPOL_BIND' } }),
    '/linux/memoryPolicy/nodes',
    'memory nodes for MPOL_BIND',
  ],
  'a memory policy with nodes that it cannot have': [
    withLinux({ memoryPolicy: { mode: 'MPOL_LOCAL', nodes: '0' } }),
    '/linux/memoryPolicy/nodes',
    'nothing for MPOL_LOCAL',
  ],
  'a flag of the execution domain': [
    withLinux({ personality: { domain: 'LINUX', flags: ['X'] } }),
    '/linux/personality/flags/0',
    'no flags',
  ],
  'a deadline before the runtime ends': [
    withProcess({ scheduler: { policy: 'SCHED_DEADLINE', runtime: 2, deadline: 1 } }),
    '/process/scheduler/deadline',
    'at least the runtime',
  ],
  'a deadline without a runtime': [
    withProcess({ scheduler: { policy: 'SCHED_DEADLINE', deadline: 2n ** 40n } }),
    '/process/scheduler/deadline',
    'at least the runtime',
  ],
  'a niceness that there is not': [
    withProcess({ scheduler: { policy: 'SCHED_OTHER', nice: 20 } }),
    '/process/scheduler/nice',
    '-20 to 19',
  ],
  'a real-time policy without priority': [
    withProcess({ scheduler: { policy: 'SCHED_RR' } }),
    '/process/scheduler/priority',
    '1 to 99 for SCHED_RR',
  ],
  'a priority where there is none': [
    withProcess({ scheduler: { policy: 'SCHED_BATCH', priority: 1 } }),
    '/process/scheduler/priority',
    '0 for SCHED_BATCH',
  ],
  'a period without a deadline policy': [
    withProcess({ scheduler: { policy: 'SCHED_FIFO', priority: 1, period: 5 } }),
    '/process/scheduler/period',
    '0 for SCHED_FIFO',
  ],
  'a list of CPUs that is none': [
    withProcess({ execCPUAffinity: { initial: '0-', final: '0' } }),
    '/process/execCPUAffinity/initial',
    'such as 0-3,7',
  ],
  'a list without any CPU': [
    withProcess({ execCPUAffinity: { final: ',' } }),
    '/process/execCPUAffinity/final',
    'such as 0-3,7',
  ],
  'a list of memory nodes that is none': [
    withLinux({ memoryPolicy: { mode: 'MPOL_BIND', nodes: '1024' } }),
    '/linux/memoryPolicy/nodes',
    'below 1024',
  ],
  'memory nodes that are both static and relative': [
    withLinux({
      memoryPolicy: {
        mode: 'MPOL_BIND',
        nodes: '0',
        flags: ['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'],
      },
    }),
    '/linux/memoryPolicy/flags',
    'one of MPOL_F_STATIC_NODES',
  ],
};

describe('a configuration is refused for', () => {
  for (const [what, [change, at, words]] of Object.entries(refused)) {
    test(what, () => {
      const [complaint, ...others] = complaints(change);
      expect(others).toEqual([]);
      expect(complaint!.at).toBe(at);
      expect(`${complaint!.says} ${complaint!.allowed}`).toContain(words);
      expect(complaint!.spec).toMatch(/^config(-linux)?\.md#[a-z-]+$/);
    });
  }

  test('no process', () => {
    const { process: _, ...rest } = base;
    expect(ruleComplaints(rest)).toMatchObject([
      { at: '/process', says: 'process property must not be empty', found: 'nothing' },
    ]);
  });

  test('no root', () => {
    const { root: _, ...rest } = base;
    expect(ruleComplaints(rest)).toMatchObject([{ at: '/root', spec: 'config.md#root' }]);
  });

  test('two limits of one resource', () => {
    const nofile = { type: 'RLIMIT_NOFILE', soft: 1, hard: 1 } as const;
    expect(complaints(withProcess({ rlimits: [nofile, nofile, nofile] }))).toMatchObject([
      { at: '/process/rlimits/1/type', found: '"RLIMIT_NOFILE"' },
      { at: '/process/rlimits/2/type' },
    ]);
  });

  test.each(['hostname', 'domainname'] as const)('a %s without a UTS namespace', (field) => {
    const change = { ...withoutNamespaces(), [field]: 'x' };
    expect(complaints(change)).toMatchObject([{ at: `/${field}`, spec: `config.md#${field}` }]);
  });

  test('everything that mounts without a mount namespace', () => {
    const asked: Change = {
      ...withoutNamespaces({
        maskedPaths: ['/a'],
        readonlyPaths: ['/b'],
        rootfsPropagation: 'slave',
        devices: [{ type: 'p', path: '/p' }],
      }),
      mounts: [{ destination: '/m' }],
      root: { path: 'x', readonly: true },
    };
    expect(complaints(asked).map(({ at }) => at)).toEqual([
      '/mounts',
      '/root/readonly',
      '/linux/maskedPaths',
      '/linux/readonlyPaths',
      '/linux/devices',
      '/linux/rootfsPropagation',
    ]);
  });
});

const withTime: Partial<Linux> = {
  namespaces: [{ type: 'time' }, { type: 'mount' }, { type: 'uts' }],
};

/** What engines write, and no rule may refuse. */
const taken: Record<string, Change> = {
  'the template': {},
  'a version before a release': { ociVersion: '1.3.0-rc.1+build.5' },
  'a later minor version': { ociVersion: '1.99.0' },
  'no namespaces at all': withoutNamespaces(),
  'an empty namespace path': withLinux({
    namespaces: [{ type: 'mount', path: '' }, { type: 'uts' }],
  }),
  'a mount at a relative path': withMounts({ destination: 'proc', type: 'proc' }),
  'a mount at a name that starts with dots': withMounts({ destination: '/..data' }),
  'a fifo without numbers': withLinux({ devices: [{ type: 'p', path: '/dev/fifo' }] }),
  'device rules for all': withResources({
    devices: [{ allow: true, type: 'c', major: -1, minor: -1, access: '' }],
  }),
  'no limit of memory and swap': withResources({ memory: { limit: -1, swap: -1 } }),
  'swap without end': withResources({ memory: { limit: 5, swap: -1 } }),
  'as much swap as memory': withResources({ memory: { limit: 5, swap: 5 } }),
  'zeros for what is not limited': withResources({ memory: { swap: 0 }, cpu: { quota: 0 } }),
  'weights of zero': withResources({
    blockIO: { weight: 0, weightDevice: [{ major: 8, minor: 0, weight: 10 }] },
  }),
  'a burst without quota': withResources({ cpu: { quota: -1, burst: 5 } }),
  'limits without end': rlimit(2n ** 64n - 1n, 2n ** 64n - 1n),
  'clock offsets in a time namespace': withLinux({
    ...withTime,
    timeOffsets: { boottime: { secs: -1, nanosecs: 999_999_999 } },
  }),
  'templates for new interface names': withLinux({
    netDevices: { eth0: { name: 'net%d' }, eth1: { name: 'net%d' } },
  }),
  'CPUs for exec': withProcess({ execCPUAffinity: { initial: '0-3,7', final: '' } }),
  'a policy that is kept': withProcess({
    scheduler: { policy: 'SCHED_RR', flags: ['SCHED_FLAG_KEEP_PARAMS'] },
  }),
  'a deadline without end': withProcess({
    scheduler: { policy: 'SCHED_DEADLINE', runtime: 2n ** 62n, deadline: 2n ** 63n },
  }),
  'a preference for no memory node': withLinux({ memoryPolicy: { mode: 'MPOL_PREFERRED' } }),
  'the default class of service': withLinux({ intelRdt: { closID: '/' } }),
};

describe('a configuration is taken with', () => {
  for (const [what, change] of Object.entries(taken)) {
    test(what, () => {
      expect(complaints(change)).toEqual([]);
    });
  }
});

const oneId = [{ containerID: 0, hostID: 1000, size: 1 }];

describe('clock offsets', () => {
  test('exist for two clocks', () => {
    const timeOffsets = { realtime: {}, monotonic: { nanosecs: 1e9 } };
    expect(complaints(withLinux({ ...withTime, timeOffsets })).map(({ at }) => at)).toEqual([
      '/linux/timeOffsets/realtime',
      '/linux/timeOffsets/monotonic/nanosecs',
    ]);
  });
});

describe('a kernel parameter', () => {
  const sysctl = (name: string, types: ('ipc' | 'network' | 'uts' | 'user')[]) =>
    ruleComplaints({
      ...base,
      hostname: '',
      linux: {
        sysctl: { [name]: '1' },
        ...(types.includes('user') && { uidMappings: oneId, gidMappings: oneId }),
        namespaces: [{ type: 'mount' }, ...types.map((type) => ({ type }))],
      },
    });

  test.each([
    ['kernel.msgmax', 'ipc'],
    ['kernel.sem', 'ipc'],
    ['kernel.shm_rmid_forced', 'ipc'],
    ['fs.mqueue.msg_max', 'ipc'],
    ['net.ipv4.ip_forward', 'network'],
    ['net/ipv4/conf/eth0.1/forwarding', 'network'],
    ['net.ipv4.conf.eth0/1.forwarding', 'network'],
    ['kernel.domainname', 'uts'],
    ['user.max_user_namespaces', 'user'],
  ] as const)('%s belongs to the %s namespace', (name, type) => {
    expect(sysctl(name, [type])).toEqual([]);
    const [complaint] = sysctl(name, []);
    expect(complaint!.says).toBe(`sysctl "${name}" is not in a separate kernel namespace`);
    expect(complaint!.allowed).toBe(`a namespace of type ${type} with it`);
  });

  test.each([
    'vm.swappiness',
    'kernel.core_pattern',
    'kernel.msgmaxx',
    'kernel.shm',
    'network.x',
    'fs.mqueue',
    'fs.file-max',
  ])('%s belongs to the host', (name) => {
    expect(sysctl(name, ['ipc', 'network', 'uts', 'user'])).toMatchObject([
      { found: `"${name}"`, allowed: 'parameters that belong to a namespace' },
    ]);
  });

  test.each(['net/../kernel/core_pattern', 'net..x', '/net/x', 'net.', 'net/./x', ''])(
    'named "%s" would leave its directory',
    (name) => {
      expect(sysctl(name, ['network'])).toMatchObject([
        { allowed: 'the name of a kernel parameter' },
      ]);
    },
  );

  test('is not the way to set the host name', () => {
    expect(sysctl('kernel.hostname', ['uts'])).toMatchObject([
      { allowed: 'the field hostname instead' },
    ]);
  });
});
