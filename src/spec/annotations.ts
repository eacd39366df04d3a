/** Annotations with a meaning for this program; any other is only kept and shown. */

/** Names of those that are applied, for the code that does it. */
export const annotation = {
  hooksStderr: 'run.oci.hooks.stderr',
  hooksStdout: 'run.oci.hooks.stdout',
  /** `true`, or where lxcfs is mounted: files of /proc that show the container's own limits. */
  lxcfs: 'run.runts.lxcfs',
  keepGroups: 'run.oci.keep_original_groups',
  mountContext: 'run.oci.mount_context_type',
  pidfdReceiver: 'run.oci.pidfd_receiver',
  systemdProperty: 'org.systemd.property.',
} as const;

/** Nothing to cgroupfs, and refused with systemd: there the configuration is looked at as a whole. */
export const systemdSubgroup = 'run.oci.systemd.subgroup';

export interface AnnotationRow {
  /** With a dot at its end: every annotation whose name begins so. */
  readonly name: string;
  /** For whom it changes nothing: what would read it is not there. */
  readonly without?: 'checkpoint' | 'sub-cgroups';
  /** Why a configuration that has it is refused: it would be run as something else than it asks for. */
  readonly refused?: string;
  /** Values that ask for nothing, besides the empty one. */
  readonly harmless?: readonly string[];
}

const handler = 'containers are run by this kernel alone, by no other handler';
const delegate = 'sub-cgroups for delegation are not made yet';
const bpf = 'seccomp filters come from /linux/seccomp alone';

export const annotationRows: readonly AnnotationRow[] = [
  {
    name: 'module.wasm.image/variant',
    refused: handler,
    // Of a pod: for its WebAssembly modules, while its other containers are ordinary ones.
    harmless: ['compat-smart'],
  },
  { name: 'org.criu.config', without: 'checkpoint' },
  { name: annotation.systemdProperty },
  { name: 'run.oci.delegate-cgroup', refused: delegate },
  { name: 'run.oci.handler', refused: handler },
  { name: annotation.hooksStderr },
  { name: annotation.hooksStdout },
  { name: annotation.keepGroups },
  { name: annotation.mountContext },
  { name: annotation.pidfdReceiver },
  { name: 'run.oci.seccomp.plugins', refused: 'plugins of a seccomp agent are not loaded' },
  { name: 'run.oci.seccomp.receiver', refused: 'name the agent as /linux/seccomp/listenerPath' },
  { name: 'run.oci.seccomp_bpf_data', refused: bpf },
  {
    name: 'run.oci.seccomp_fail_unknown_syscall',
    refused: 'names of system calls that nobody knows are skipped',
    harmless: ['0'],
  },
  {
    name: 'run.oci.systemd.force_cgroup_v1',
    refused: 'containers see the cgroups that the host has',
    harmless: ['0'],
  },
  { name: systemdSubgroup, without: 'sub-cgroups' },
  { name: annotation.lxcfs },
];

/** Asked at every create: only what is refused is looked for. */
const refusedRows = annotationRows.filter((row) => row.refused !== undefined);

interface Refusal {
  readonly at: string;
  readonly reason: string;
}

export const pointerTo = (name: string): string =>
  `/annotations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

export function refusedAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
): Refusal[] {
  if (annotations === undefined) return [];
  return refusedRows.flatMap(({ name, refused = '', harmless = [] }) => {
    const value = annotations[name] ?? '';
    return value === '' || harmless.includes(value)
      ? []
      : [{ at: pointerTo(name), reason: refused }];
  });
}

/** features.md#unsafe-annotations-in-configjson: names and prefixes that change what is done. */
export const unsafeAnnotations = (): string[] =>
  annotationRows
    .filter(({ refused, without }) => refused === undefined && without === undefined)
    .map(({ name }) => name);
