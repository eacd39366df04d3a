export interface Mount {
  destination: string;
  type?: string;
  source?: string;
  options?: string[];
  uidMappings?: IdMapping[];
  gidMappings?: IdMapping[];
}

export interface IdMapping {
  containerID: number;
  hostID: number;
  size: number;
}

export interface Namespace {
  type: string;
  path?: string;
}

export interface Process {
  args: string[];
  cwd: string;
  env: string[];
  user: { uid: number; gid: number; umask?: number; additionalGids?: number[] };
  capabilities?: Partial<Record<CapabilitySet, string[]>>;
  noNewPrivileges: boolean;
  rlimits?: { type: string; soft: number | bigint; hard: number | bigint }[];
  oomScoreAdj?: number;
  [field: string]: unknown;
}

export type CapabilitySet = 'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient';

export interface Device {
  path: string;
  type: string;
  major?: number;
  minor?: number;
  fileMode?: number;
  uid?: number;
  gid?: number;
}

export interface Linux {
  namespaces: Namespace[];
  cgroupsPath?: string;
  maskedPaths?: string[];
  readonlyPaths?: string[];
  devices?: Device[];
  rootfsPropagation?: string;
  sysctl?: Record<string, string>;
  resources?: Record<string, unknown>;
  [field: string]: unknown;
}

/** A configuration that a test may change as it likes, also into one that is wrong. */
export interface Config {
  ociVersion: string;
  process: Process;
  root: { path: string; readonly?: boolean };
  hostname?: string;
  domainname?: string;
  mounts: Mount[];
  linux: Linux;
  annotations?: Record<string, string>;
  [field: string]: unknown;
}

const mount = (destination: string, type: string, options = ''): Mount => ({
  destination,
  type,
  source: type,
  options: options.split(' ').filter((word) => word !== ''),
});

const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

/** What engines ask for, more or less. */
export const baseConfig = (cgroupsPath: string): Config => ({
  ociVersion: '1.0.2',
  process: {
    args: ['sh'],
    cwd: '/',
    env: ['PATH=/bin'],
    user: { uid: 0, gid: 0 },
    capabilities: {
      bounding: [...capabilities],
      effective: [...capabilities],
      permitted: [...capabilities],
    },
    noNewPrivileges: true,
  },
  root: { path: 'rootfs' },
  hostname: 'inside',
  mounts: [
    mount('/proc', 'proc'),
    mount('/dev', 'tmpfs', 'nosuid strictatime mode=755 size=65536k'),
    mount('/dev/pts', 'devpts', 'nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5'),
    mount('/dev/shm', 'tmpfs', 'nosuid noexec nodev mode=1777 size=65536k'),
    mount('/dev/mqueue', 'mqueue', 'nosuid noexec nodev'),
    mount('/sys', 'sysfs', 'nosuid noexec nodev ro'),
    mount('/sys/fs/cgroup', 'cgroup', 'nosuid noexec nodev relatime ro'),
  ],
  linux: {
    cgroupsPath,
    namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
    resources: { devices: [{ allow: false, access: 'rwm' }] },
    maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware', '/proc/scsi'],
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  },
});

const exact = /"#(-?\d+)#"/g;

/** With every digit of big integers, and characters up to U+00FF as single bytes when asked for. */
export function configBytes(config: object, encoding: 'utf8' | 'latin1' = 'utf8'): Buffer {
  const text = JSON.stringify(config, (_, value) =>
    typeof value === 'bigint' ? `#${value}#` : value,
  );
  return Buffer.from(text.replace(exact, '$1'), encoding);
}
