import { readdirSync, readlinkSync } from 'node:fs';

const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

const mounts = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  {
    destination: '/sys',
    type: 'sysfs',
    source: 'sysfs',
    options: ['nosuid', 'noexec', 'nodev', 'ro'],
  },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
  },
];

const resources = {
  devices: [{ allow: false, access: 'rwm' }],
  memory: { limit: 64 * 1024 * 1024 },
  cpu: { quota: 50_000, period: 100_000 },
  pids: { limit: 32 },
};

/** The OCI configuration of the demonstration. */
export function demoConfig(id: string) {
  return {
    ociVersion: '1.0.2',
    hostname: 'demo',
    root: { path: 'rootfs', readonly: true },
    process: {
      user: { uid: 0, gid: 0 },
      cwd: '/',
      args: ['/bin/sh', '/greeting.sh'],
      env: ['PATH=/bin', `HOST_NAMESPACES=${hostNamespaces()}`],
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: true,
    },
    mounts,
    linux: {
      cgroupsPath: `/${id}`,
      resources,
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}

/** namespaces(7): two processes share a namespace when these links read the same. */
function hostNamespaces(): string {
  return readdirSync('/proc/self/ns')
    .map((name) => readlinkSync(`/proc/self/ns/${name}`))
    .join(' ');
}
