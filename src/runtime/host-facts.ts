import { asRuntimeError, type RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';
import { listDirectoryAt, openIfThere } from '../host/io.js';
import { kernelVersion } from '../host/kernel-version.js';
import { namespaceKindOf } from '../host/namespace.js';
import { AT_FDCWD, O_RDONLY } from '../linux/constants.js';
import { type NamespaceKind, namespaceKinds } from '../linux/namespaces.js';
import {
  type HostComplaint,
  type HostFacts,
  hostComplaints,
  refuseHost,
} from '../spec/host-checks.js';

function namespacesHere(context: Context): NamespaceKind[] {
  const files = listDirectoryAt(context, AT_FDCWD, '/proc/self/ns').map(({ name }) => name);
  const kinds = Object.keys(namespaceKinds) as NamespaceKind[];
  return kinds.filter((kind) => files.includes(namespaceKinds[kind].file));
}

function namespaceAt(context: Context, path: string): NamespaceKind | null {
  using fd = openIfThere(context, AT_FDCWD, path, O_RDONLY);
  return fd === null ? null : namespaceKindOf(context, fd.number);
}

function gather(context: Context, spec: Spec): HostFacts {
  const paths = (spec.linux?.namespaces ?? []).flatMap(({ path }) => (path ? [path] : []));
  return {
    kernel: kernelVersion(context),
    namespaces: namespacesHere(context),
    namespacePaths: Object.fromEntries(paths.map((path) => [path, namespaceAt(context, path)])),
  };
}

/**
 * Why a configuration cannot be had on this host, if that is why something failed. Asked only
 * afterwards: on a host that has everything the questions would cost time for nothing.
 */
export function blameHost(context: Context, spec: Spec, thrown: unknown): RuntimeError {
  try {
    refuseHost(complaintsOf(context, spec));
  } catch (complaint) {
    return asRuntimeError(complaint);
  }
  return asRuntimeError(thrown);
}

/** A host that cannot even be asked has nothing to say; what failed first counts. */
function complaintsOf(context: Context, spec: Spec): HostComplaint[] {
  try {
    return hostComplaints(spec, gather(context, spec));
  } catch {
    return [];
  }
}
