import { RuntimeError } from '../errors/error.js';
import type { LinuxNamespace, Spec } from '../generated/spec-types.js';

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
  return [...kernelComplaints(facts), ...namespaceComplaints(spec, facts)];
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

/** mount_setattr(2), with which every attribute of a mount is set, came with Linux 5.12. */
const oldest: readonly [number, number] = [5, 12];

function kernelComplaints({ kernel }: HostFacts): HostComplaint[] {
  if (!isOlder(kernel, oldest)) return [];
  const message = `this is Linux ${kernel.join('.')}, and ${oldest.join('.')} is needed`;
  return [{ code: 'kernel-too-old', at: '/linux', message }];
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
