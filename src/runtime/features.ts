/** features.md, features-linux.md: what this program does with a configuration, whatever the host. */
import { commit, version } from '../generated/build-info.js';
import type {
  Features,
  Hooks,
  Linux,
  LinuxFeatures,
  LinuxResources,
  LinuxSeccompArch,
  Mount,
  Process,
  SeccompFeatures,
  Spec,
} from '../generated/spec-types.js';
import { specVersion } from '../generated/spec-version.js';
import type { Context } from '../host/host.js';
import { capabilityNames } from '../linux/capabilities.js';
import { mountWords } from '../linux/mount-options.js';
import { type NamespaceKind, namespaceKinds } from '../linux/namespaces.js';
import {
  seccompActions,
  seccompArchitectures,
  seccompFlags,
  seccompOperators,
} from '../linux/seccomp.js';
import { memoryFlags, memoryModes } from '../linux/tuning.js';
import { supportedFlags } from '../seccomp/flags.js';
import { unsafeAnnotations } from '../spec/annotations.js';
import { refuseUnsupported } from '../spec/unsupported.js';

/** What only the command line knows. */
export interface FeaturesRequest {
  /** Whether systemd can be asked for cgroups. */
  readonly systemd: boolean;
}

/** The oldest version that the rules accept (config.md#specification-version). */
const oldestVersion = '1.0.0';

/** Whether a configuration that asks for this is taken: the answer of `create` itself. */
function takes(asked: Partial<Spec>): boolean {
  try {
    refuseUnsupported({ ociVersion: specVersion, ...asked });
    return true;
  } catch {
    return false;
  }
}

const takesLinux = (linux: Linux): boolean => takes({ linux });
const takesResources = (resources: LinuxResources): boolean => takesLinux({ resources });
const takesProcess = (asked: Partial<Process>): boolean =>
  takes({ process: { cwd: '/', ...asked } });
const takesMount = (asked: Partial<Mount>): boolean =>
  takes({ mounts: [{ destination: '/m', ...asked }] });

const words = <W extends string>(table: Readonly<Record<W, unknown>>): W[] =>
  Object.keys(table) as W[];

const hook = [{ path: '/hook' }];
const mapping = [{ containerID: 0, hostID: 0, size: 1 }];

/** In the order of a container's life, which a type cannot tell. */
const hookKinds: Readonly<Record<keyof Hooks, true>> = {
  prestart: true,
  createRuntime: true,
  createContainer: true,
  startContainer: true,
  poststart: true,
  poststop: true,
};

const hooks = (): string[] => words(hookKinds).filter((kind) => takes({ hooks: { [kind]: hook } }));

const namespaces = (): NamespaceKind[] =>
  words(namespaceKinds).filter((type) => takesLinux({ namespaces: [{ type }] }));

/** What libseccomp does not know before this release, as seccompVersion answers it. */
const since: Readonly<Partial<Record<LinuxSeccompArch, number>>> = {
  SCMP_ARCH_LOONGARCH64: 0x020600,
  SCMP_ARCH_M68K: 0x020600,
  SCMP_ARCH_SH: 0x020600,
  SCMP_ARCH_SHEB: 0x020600,
};

function seccomp(context: Context, libseccomp: number): SeccompFeatures {
  if (libseccomp <= 0 || !takesLinux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } }))
    return { enabled: false };
  return {
    enabled: true,
    actions: words(seccompActions).sort(),
    operators: words(seccompOperators).sort(),
    archs: words(seccompArchitectures)
      .filter((name) => libseccomp >= (since[name] ?? 0))
      .sort(),
    knownFlags: words(seccompFlags).sort(),
    supportedFlags: supportedFlags(context).sort(),
  };
}

const memoryPolicy = (): Pick<LinuxFeatures & object, 'memoryPolicy'> =>
  takesLinux({ memoryPolicy: { mode: 'MPOL_LOCAL' } })
    ? { memoryPolicy: { modes: words(memoryModes), flags: words(memoryFlags) } }
    : {};

const linux = (context: Context, request: FeaturesRequest, libseccomp: number): LinuxFeatures => ({
  namespaces: namespaces(),
  capabilities: [...capabilityNames],
  cgroup: {
    v1: true,
    v2: true,
    systemd: request.systemd,
    systemdUser: request.systemd,
    rdma: takesResources({ rdma: { device: { hcaHandles: 1 } } }),
  },
  seccomp: seccomp(context, libseccomp),
  apparmor: { enabled: takesProcess({ apparmorProfile: 'profile' }) },
  selinux: {
    enabled: takesProcess({ selinuxLabel: 'label' }) && takesLinux({ mountLabel: 'label' }),
  },
  ...memoryPolicy(),
  intelRdt: {
    enabled: takesLinux({ intelRdt: { closID: 'group' } }),
    schemata: takesLinux({ intelRdt: { schemata: ['L3:0=f'] } }),
    monitoring: takesLinux({ intelRdt: { enableMonitoring: true } }),
  },
  mountExtensions: {
    idmap: { enabled: takesMount({ uidMappings: mapping, gidMappings: mapping }) },
  },
  netDevices: { enabled: takesLinux({ netDevices: { eth0: { name: 'eth1' } } }) },
});

/** The native answers major·2^16 + minor·2^8 + micro, or 0 where no libseccomp is linked in. */
const dotted = (packed: number): string =>
  `${packed >> 16}.${(packed >> 8) & 0xff}.${packed & 0xff}`;

const annotations = (libseccomp: number): Record<string, string> => ({
  ...(libseccomp > 0 && { 'io.github.seccomp.libseccomp.version': dotted(libseccomp) }),
  'run.runts.commit': commit || 'unknown',
  'run.runts.version': version,
});

export function readFeatures(context: Context, request: FeaturesRequest): Features {
  const libseccomp = context.host.raw.seccompVersion();
  return {
    ociVersionMin: oldestVersion,
    ociVersionMax: specVersion,
    hooks: hooks(),
    mountOptions: words(mountWords).sort(),
    linux: linux(context, request, libseccomp),
    annotations: annotations(libseccomp),
    potentiallyUnsafeConfigAnnotations: unsafeAnnotations(),
  };
}
