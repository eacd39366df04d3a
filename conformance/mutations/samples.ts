/** Configurations that ask for everything a mutation may take away, for the tests of the tables. */
import { baseConfig, type Config } from '../lib/config.js';

const hook = (name: string) => ({
  path: `/bin/${name}`,
  args: [name, 'to', '/tmp/file', 'exit', '1'],
  env: ['A=b'],
  timeout: 1,
});

const hooks = (...kinds: readonly string[]) =>
  Object.fromEntries(kinds.map((kind) => [kind, [hook('first'), hook('second')]]));

const options = [
  ...['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'strictatime', 'sync', 'dirsync'],
  ...['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'],
  ...['nosymfollow', 'rro', 'rnosuid', 'rnoexec', 'rbind', 'size=1k'],
];

const mapping = [{ containerID: 0, hostID: 1000, size: 1 }];

const limits = {
  memory: { limit: 1, swap: 1, reservation: 1, swappiness: 1, disableOOMKiller: true },
  cpu: { shares: 2, quota: 2, period: 2, burst: 2, idle: 1, cpus: '0', mems: '0' },
  pids: { limit: 0 },
  blockIO: { weight: 10, throttleReadBpsDevice: [{ major: 1, minor: 1, rate: 1 }] },
  hugepageLimits: [{ pageSize: '2MB', limit: 1 }],
  network: { classID: 1, priorities: [{ name: 'lo', priority: 1 }] },
  rdma: { mlx5_1: { hcaHandles: 1 } },
  unified: { 'pids.max': '1', 'mutant.max': '1' },
  devices: [{ allow: false, access: 'rwm' }, { allow: true }],
};

const seccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  listenerMetadata: 'text',
  syscalls: [
    {
      names: ['read', 'write'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 2,
      args: [
        { index: 0, value: 1, op: 'SCMP_CMP_MASKED_EQ', valueTwo: 1 },
        { index: 1, value: 1, op: 'SCMP_CMP_EQ' },
      ],
    },
    { names: ['kill'], action: 'SCMP_ACT_KILL_PROCESS', errnoRet: 1 },
    { names: ['exit'], action: 'SCMP_ACT_KILL_THREAD' },
    { names: ['open'], action: 'SCMP_ACT_LOG' },
    { names: ['close'], action: 'SCMP_ACT_NOTIFY' },
    { names: [], action: 'SCMP_ACT_ALLOW' },
  ],
};

const capabilities = ['CAP_KILL', 'CAP_CHOWN'];

const namespaces = ['pid', 'network', 'ipc', 'uts', 'cgroup', 'user', 'time'];

function process(): Partial<Config['process']> {
  const [bounding, effective, permitted, inheritable, ambient] = Array.from({ length: 5 }, () => [
    ...capabilities,
  ]);
  return {
    args: ['/probe', '', 'a\0b'],
    env: ['A=b'],
    cwd: 'tmp',
    user: { uid: 1, gid: 1, umask: 0, additionalGids: [1, 2] },
    capabilities: { bounding, effective, permitted, inheritable, ambient } as never,
    rlimits: [
      { type: 'RLIMIT_CORE', soft: 1, hard: 2 },
      { type: 'RLIMIT_CORE', soft: 1, hard: 2 },
      { type: 'RLIMIT_MUTANT', soft: 1, hard: 2 },
    ],
    oomScoreAdj: 1,
    scheduler: { policy: 'SCHED_BATCH' },
    ioPriority: { class: 'IOPRIO_CLASS_IDLE' },
    consoleSize: { width: 1, height: 1 },
  };
}

/** Everything, right or wrong. */
export function everything(): Config {
  const config = baseConfig('path');
  Object.assign(config.process, process());
  Object.assign(config.root, { path: 'nowhere', readonly: true });
  config.ociVersion = '7';
  config.domainname = 'inside';
  config.annotations = { '': 'empty', number: 1 as never };
  const mappings = { uidMappings: mapping, gidMappings: mapping };
  config.mounts.push({ destination: '/a', options, ...mappings }, { destination: '/b' });
  config.hooks = hooks(
    ...['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'],
  );
  (config.hooks as Record<string, unknown[]>).poststop?.push({ path: 'relative', timeout: 0 });
  Object.assign(config.linux, {
    ...mappings,
    namespaces: [
      ...namespaces.map((type) => ({ type })),
      { type: 'uts' },
      { type: 'mount', path: '/proc/1/ns/pid' },
    ],
    timeOffsets: { monotonic: { secs: 1 } },
    devices: [
      { path: '/dev/a', type: 'c', major: 1, minor: 3, fileMode: 0o600, uid: 1, gid: 1 },
      { path: '/dev/b', type: 'p' },
    ],
    sysctl: { 'net.ipv4.ip_forward': '1', 'net.ipv4.colour': '1' },
    netDevices: { eth0: { name: 'eth1' } },
    maskedPaths: ['/a', 'b'],
    readonlyPaths: ['/a', 'b'],
    rootfsPropagation: 'sideways',
    personality: { domain: 'LINUX32' },
    intelRdt: { closID: 'a' },
    memoryPolicy: { mode: 'MPOL_BIND', nodes: '0' },
    resources: limits,
    seccomp,
  });
  return config;
}

/** Otherwise: what everything at once does not have. */
export function otherwise(): Config {
  const config = everything();
  config.process.noNewPrivileges = false;
  config.process.oomScoreAdj = 0;
  Object.assign(config.process.capabilities ?? {}, { inheritable: [] });
  config.process.args = [];
  config.process.cwd = '';
  config.ociVersion = '99.0.0';
  config.annotations = { nothing: null as never };
  config.root = { path: 'rootfs' };
  Object.assign(config.linux, { maskedPaths: ['/a', '/b'], readonlyPaths: ['/a', '/b'] });
  Object.assign(config.linux.seccomp as object, { listenerPath: '/run/agent' });
  return config;
}
