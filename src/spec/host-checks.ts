import { RuntimeError } from '../errors/error.js';
import type { LinuxNamespace, Spec } from '../generated/spec-types.js';
import { mountWords } from '../linux/mount-options.js';

export type NamespaceType = LinuxNamespace['type'];

/** What the host is, as far as a configuration may ask more than it has. */
export interface HostFacts {
  /** Major and minor version. */
  readonly kernel: readonly [number, number];
  /** The types of namespaces that the kernel was built with. */
  readonly namespaces: readonly NamespaceType[];
  /** For each namespace path of the configuration: its type, or null when there is no namespace. */
  readonly namespacePaths: Readonly<Record<string, NamespaceType | null>>;
}

export type HostCode =
  | 'kernel-too-old'
  | 'no-such-namespace-type'
  | 'namespace-path-missing'
  | 'namespace-path-of-other-type';

export interface HostComplaint {
  readonly code: HostCode;
  readonly at: string;
  readonly message: string;
}

/** What a valid configuration asks for and this host cannot give. */
export function hostComplaints(spec: Spec, facts: HostFacts): HostComplaint[] {
  return [...namespaceComplaints(spec, facts), ...mountComplaints(spec, facts)];
}

function namespaceComplaints(spec: Spec, facts: HostFacts): HostComplaint[] {
  return (spec.linux?.namespaces ?? []).flatMap(({ type, path = '' }, i) => {
    const at = `/linux/namespaces/${i}`;
    if (path !== '') return pathComplaints(type, path, `${at}/path`, facts);
    if (facts.namespaces.includes(type)) return [];
    const message = `this kernel has no ${type} namespaces`;
    return [{ code: 'no-such-namespace-type', at: `${at}/type`, message }];
  });
}

/** config-linux.md#namespaces: an error when the path is not associated with the type. */
function pathComplaints(
  type: NamespaceType,
  path: string,
  at: string,
  { namespacePaths }: HostFacts,
): HostComplaint[] {
  const found = Object.hasOwn(namespacePaths, path) ? namespacePaths[path]! : null;
  if (found === type) return [];
  const shown = JSON.stringify(path);
  if (found === null) {
    return [{ code: 'namespace-path-missing', at, message: `${shown} is no namespace` }];
  }
  const message = `${shown} is a namespace of type ${found}, not ${type}`;
  return [{ code: 'namespace-path-of-other-type', at, message }];
}

/** mount_setattr(2), which alone changes a whole tree of mounts, came with Linux 5.12. */
const treeAttributes: readonly [number, number] = [5, 12];

function mountComplaints(spec: Spec, { kernel }: HostFacts): HostComplaint[] {
  if (!isOlder(kernel, treeAttributes)) return [];
  return (spec.mounts ?? []).flatMap(({ options = [] }, i) =>
    options.flatMap((word, j): HostComplaint[] => {
      if (!changesTree(word)) return [];
      const message = `option ${word} needs Linux ${treeAttributes.join('.')}`;
      return [{ code: 'kernel-too-old', at: `/mounts/${i}/options/${j}`, message }];
    }),
  );
}

function changesTree(word: string): boolean {
  if (!Object.hasOwn(mountWords, word)) return false;
  const { recursive, set } = mountWords[word]!;
  return recursive === true && set !== undefined;
}

function isOlder([major, minor]: readonly [number, number], than: readonly [number, number]) {
  return major < than[0] || (major === than[0] && minor < than[1]);
}

/** Throws the first complaint, with the others behind it. */
export function refuseHost(complaints: readonly HostComplaint[]): void {
  const [first, ...others] = complaints;
  if (first === undefined) return;
  const rest = others.map(({ code, at, message }) => `${at}: ${code}: ${message}`);
  const text = [`${first.code}: ${first.message}`, ...rest].join('; ');
  throw new RuntimeError('host', text, { at: first.at });
}
