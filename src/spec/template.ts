import type { Linux, Mount, Process, Spec } from '../generated/spec-types.js';
import { specVersion } from '../generated/spec-version.js';
import { stringify } from './json.js';

export interface TemplateChoices {
  /** Hosts with cgroup v2 get a cgroup namespace as well. */
  readonly cgroupV2: boolean;
  /** For a caller without root: the ids that root inside stands for. */
  readonly rootless?: { readonly uid: number; readonly gid: number };
}

/** The document that `spec` writes: a shell in the directory rootfs, with little power. */
export function template({ cgroupV2, rootless }: TemplateChoices): Spec {
  return {
    ociVersion: specVersion,
    process: process(),
    root: { path: 'rootfs', readonly: true },
    hostname: 'runts',
    mounts: rootless === undefined ? mounts() : rootlessMounts(),
    linux: {
      ...(rootless === undefined ? withLimits() : withMappings(rootless.uid, rootless.gid)),
      namespaces: namespaces(cgroupV2, rootless !== undefined).map((type) => ({ type })),
      ...hiddenPaths(),
    },
  };
}

export function templateText(choices: TemplateChoices): string {
  return stringify(template(choices), '\t');
}

function process(): Process {
  const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];
  return {
    terminal: true,
    user: { uid: 0, gid: 0 },
    args: ['sh'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
    cwd: '/',
    capabilities: {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
    },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
  };
}

function mount(destination: string, type: string, source: string, words = ''): Mount {
  const options = words === '' ? {} : { options: words.split(' ') };
  return { destination, type, source, ...options };
}

function mounts(): Mount[] {
  return [
    mount('/proc', 'proc', 'proc'),
    mount('/dev', 'tmpfs', 'tmpfs', 'nosuid strictatime mode=755 size=65536k'),
    mount(
      '/dev/pts',
      'devpts',
      'devpts',
      'nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5',
    ),
    mount('/dev/shm', 'tmpfs', 'shm', 'nosuid noexec nodev mode=1777 size=65536k'),
    mount('/dev/mqueue', 'mqueue', 'mqueue', 'nosuid noexec nodev'),
    mount('/sys', 'sysfs', 'sysfs', 'nosuid noexec nodev ro'),
    mount('/sys/fs/cgroup', 'cgroup', 'cgroup', 'nosuid noexec nodev relatime ro'),
  ];
}

/**
 * A new sysfs needs a network namespace of the same user namespace, so the host's is shown; and
 * groups such as tty's 5 are not mapped.
 */
function rootlessMounts(): Mount[] {
  const shown = mount('/sys', 'none', '/sys', 'rbind nosuid noexec nodev ro');
  return mounts().map((each) => (each.destination === '/sys' ? shown : withoutIds(each)));
}

function withoutIds({ options, ...rest }: Mount): Mount {
  if (options === undefined) return rest;
  return { ...rest, options: options.filter((option) => !/^[ug]id=/.test(option)) };
}

function withLimits(): Linux {
  return { resources: { devices: [{ allow: false, access: 'rwm' }] } };
}

function withMappings(uid: number, gid: number): Linux {
  return {
    uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
  };
}

function namespaces(cgroupV2: boolean, rootless: boolean) {
  return [
    'pid',
    ...(rootless ? [] : ['network' as const]),
    'ipc',
    'uts',
    'mount',
    ...(cgroupV2 ? ['cgroup' as const] : []),
    ...(rootless ? ['user' as const] : []),
  ] as const;
}

function hiddenPaths(): Linux {
  return {
    maskedPaths: [
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
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  };
}
