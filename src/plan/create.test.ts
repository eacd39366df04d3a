import { describe, expect, it, test } from 'vitest';
import type { Spec } from '../generated/spec-types.js';
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  S_IFCHR,
} from '../linux/constants.js';
import { base, facts, planOf, withLinux, withProcess } from '../testing/plans.js';
import type { DevicePlan, MountPlan, Plan } from './plan.js';

const none = { set: 0, clear: 0 };
const careful = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;

const mount = (index: number, destination: string, type: string, change: Partial<MountPlan>) => ({
  at: `/mounts/${index}`,
  kind: 'filesystem',
  destination,
  source: type,
  type,
  tree: false,
  attributes: none,
  recursive: none,
  propagation: [],
  config: [],
  late: 0,
  inheritMode: false,
  ...change,
});

const device = (path: string, major: number, minor: number): DevicePlan => ({
  at: '/linux/devices',
  path,
  mode: S_IFCHR | 0o666,
  major,
  minor,
  uid: 0,
  gid: 0,
});

const hierarchy = (name: string, ...controllers: string[]) => ({
  name,
  controllers: controllers.length === 0 ? [name] : controllers,
  directory: `/sys/fs/cgroup/${name}/c1`,
});

/** CAP_KILL, CAP_NET_BIND_SERVICE, CAP_AUDIT_WRITE. */
const three = { low: (1 << 5) | (1 << 10) | (1 << 29), high: 0 };
const nothing = { low: 0, high: 0 };

/** Of the document that `spec` prints, on a host with cgroup v1. */
const golden: Plan = {
  terminal: null,
  parentRlimits: [],
  id: 'c1',
  namespaces: {
    clone: CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
    stage: null,
    unshare: 0,
    joins: [],
    mount: true,
    loopback: true,
    user: null,
    timeOffsets: '',
  },
  session: { keyring: '_ses.c1' },
  security: { apparmor: null, selinux: null, mounts: [] },
  root: {
    path: '/bundle/rootfs',
    readonly: true,
    propagation: { type: MS_PRIVATE, recursive: true },
    pivot: true,
  },
  mounts: [
    mount(0, '/proc', 'proc', {}),
    mount(1, '/dev', 'tmpfs', {
      attributes: { set: MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, clear: MOUNT_ATTR__ATIME },
      config: [
        ['mode', '755'],
        ['size', '65536k'],
      ],
    }),
    mount(2, '/dev/pts', 'devpts', {
      attributes: { set: MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, clear: 0 },
      config: [
        ['newinstance', null],
        ['ptmxmode', '0666'],
        ['mode', '0620'],
        ['gid', '5'],
      ],
    }),
    mount(3, '/dev/shm', 'tmpfs', {
      source: 'shm',
      attributes: { set: careful, clear: 0 },
      config: [
        ['mode', '1777'],
        ['size', '65536k'],
      ],
    }),
    mount(4, '/dev/mqueue', 'mqueue', { attributes: { set: careful, clear: 0 } }),
    mount(5, '/sys', 'sysfs', { attributes: { set: careful | MOUNT_ATTR_RDONLY, clear: 0 } }),
    mount(6, '/sys/fs/cgroup', 'cgroup', {
      kind: 'cgroup',
      attributes: { set: careful | MOUNT_ATTR_RDONLY, clear: MOUNT_ATTR__ATIME },
    }),
  ] as MountPlan[],
  devices: {
    nodes: [
      device('/dev/null', 1, 3),
      device('/dev/zero', 1, 5),
      device('/dev/full', 1, 7),
      device('/dev/random', 1, 8),
      device('/dev/urandom', 1, 9),
      device('/dev/tty', 5, 0),
    ],
    links: [
      { path: '/dev/fd', target: '/proc/self/fd' },
      { path: '/dev/stdin', target: '/proc/self/fd/0' },
      { path: '/dev/stdout', target: '/proc/self/fd/1' },
      { path: '/dev/stderr', target: '/proc/self/fd/2' },
      { path: '/dev/ptmx', target: 'pts/ptmx' },
      { path: '/dev/core', target: '/proc/kcore', optional: true },
    ],
  },
  paths: {
    masked: [
      '/proc/acpi',
      '/proc/asound',
      '/proc/kcore',
      '/proc/keys',
      '/proc/latency_stats',
      '/proc/timer_list',
      '/proc/timer_stats',
      '/proc/sched_debug',
      '/sys/firmware',
      '/proc/scsi',
    ],
    readonly: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    sysctls: [],
  },
  cgroups: {
    namespaced: false,
    hierarchies: [
      { ...hierarchy('systemd'), controllers: ['name=systemd'] },
      hierarchy('pids'),
      hierarchy('devices'),
      hierarchy('freezer'),
      hierarchy('memory'),
      hierarchy('cpuset'),
      hierarchy('cpu,cpuacct', 'cpu', 'cpuacct'),
    ],
    unified: null,
  },
  identity: { hostname: 'runts', domainname: null },
  process: {
    args: ['sh'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
    cwd: '/',
    uid: 0,
    gid: 0,
    groups: [],
    umask: 0o022,
    capabilities: {
      bounding: three,
      permitted: three,
      effective: three,
      inheritable: nothing,
      ambient: nothing,
    },
    noNewPrivileges: true,
    rlimits: [{ name: 'RLIMIT_NOFILE', resource: 7, soft: '1024', hard: '1024' }],
    tuning: {},
    seccomp: null,
    extraFds: 0,
  },
  hooks: null,
};

test('the plan of the document that `spec` prints', () => {
  expect(planOf(base)).toEqual(golden);
});

test('the smallest configuration asks for hardly anything', () => {
  const smallest: Spec = {
    ociVersion: '1.0.0',
    root: { path: '/rootfs' },
    process: { args: ['/init'], cwd: '/' },
  };
  const plan = planOf(smallest, { noPivot: true, noNewKeyring: true });
  expect(plan).toMatchObject({
    namespaces: { clone: 0, unshare: 0, joins: [], mount: false, loopback: false },
    session: { keyring: null },
    root: { path: '/rootfs', readonly: false, pivot: false },
    mounts: [],
    paths: { masked: [], readonly: [], sysctls: [] },
    identity: { hostname: null, domainname: null },
    process: { args: ['/init'], env: [], uid: 0, gid: 0, groups: [], noNewPrivileges: false },
  });
  expect(plan.process.capabilities).toEqual({
    bounding: nothing,
    permitted: nothing,
    effective: nothing,
    inheritable: nothing,
    ambient: nothing,
  });
});

const specs: Readonly<Record<string, Spec>> = {
  'of the template': base,
  'with hooks': {
    ...base,
    hooks: {
      prestart: [{ path: '/p', args: ['p', 'q'], timeout: 3 }],
      createContainer: [{ path: '/c', env: [] }],
      startContainer: [{ path: '/s', env: ['A=b'] }],
    },
  },
  'with every kind of number': withLinux({
    devices: [{ path: '/dev/x', type: 'c', major: 10n, minor: 200n, fileMode: 0o600, uid: 7 }],
    sysctl: { 'net.ipv4.ip_forward': '1' },
  }),
  'with every kind of tuning': {
    ...withProcess({
      scheduler: { policy: 'SCHED_DEADLINE', runtime: 1, deadline: 2n ** 63n, period: 2n ** 63n },
      ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 7 },
    }),
    linux: { memoryPolicy: { mode: 'MPOL_BIND', nodes: '0-3,7' } },
  },
  'with bytes that are not UTF-8': withProcess({
    args: ['\udcff\udc80'],
    env: ['A=\udcfe'],
    cwd: '/\udc80',
  }),
};

it.each(Object.entries(specs))(
  'is plain JSON: a plan %s survives the way through a file',
  (_, spec) => {
    const plan = planOf(spec, { preserveFds: 2, listenFds: 1 });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  },
);

describe('in a user namespace', () => {
  const ids = [{ containerID: 0, hostID: 700_000, size: 65_536 }];
  const limits = [{ type: 'RLIMIT_NOFILE' as const, soft: 5, hard: 6 }];
  const mounts = [
    { destination: '/a', type: 'bind', source: '/srv', options: ['bind'] },
    { destination: '/b', type: 'tmpfs', source: 'tmpfs' },
  ];
  const spec = (...namespaces: NonNullable<Spec['linux']>['namespaces'] & object): Spec => ({
    ...withProcess({ rlimits: limits, capabilities: { bounding: ['CAP_SYS_ADMIN'] } }),
    mounts,
    linux: {
      namespaces,
      ...(namespaces.some(({ type }) => type === 'user') && { uidMappings: ids, gidMappings: ids }),
    },
  });
  const made = spec({ type: 'user' }, { type: 'mount' });
  const joined = spec({ type: 'user', path: '/run/user' }, { type: 'mount' });
  const none = spec({ type: 'mount' });
  const nobody = { capabilities: { low: 0, high: 0 }, euid: 1000, egid: 1000 };

  it('limits are set by the parent, for nobody inside may raise one', () => {
    const planned = [{ name: 'RLIMIT_NOFILE', resource: 7, soft: '5', hard: '6' }];
    for (const each of [made, joined])
      expect(planOf(each)).toMatchObject({ parentRlimits: planned, process: { rlimits: [] } });
    expect(planOf(none)).toMatchObject({ parentRlimits: [], process: { rlimits: planned } });
  });

  it('the sources of bind mounts are opened by a parent who may do so', () => {
    const handed = (each: Spec, caller = {}) =>
      planOf(each, caller).mounts.map((mount) => mount.handed ?? false);
    expect(handed(made)).toEqual([true, false]);
    expect(handed(joined)).toEqual([true, false]);
    expect(handed(none)).toEqual([false, false]);
    // open_tree(2) with OPEN_TREE_CLONE needs CAP_SYS_ADMIN, which such a caller has inside alone.
    expect(handed(made, nobody)).toEqual([false, false]);
    expect(handed(made, { ...nobody, capabilities: facts.capabilities })).toEqual([true, false]);
  });

  it('every capability can be had, whatever the caller has', () => {
    const admin = { low: 1 << 21, high: 0 };
    expect(planOf(made, nobody).process.capabilities.bounding).toEqual(admin);
    expect(planOf(none, nobody).process.capabilities.bounding).toEqual({ low: 0, high: 0 });
  });
});
