import type { LinuxNamespace, Spec } from '../../generated/spec-types.js';
import { type Complaint, pointer } from '../complaint.js';
import { sysctlPath } from '../sysctl.js';
import { fine, hasNamespace, type Rule, wrong } from './rule.js';

const section = 'config-linux.md#sysctl';

interface Home {
  readonly paths: RegExp;
  readonly namespace: LinuxNamespace['type'];
}

/** Which namespace a parameter belongs to: any other one would change the host. */
const homes: readonly Home[] = [
  // ipc_namespaces(7)
  { paths: /^kernel\/(msg(max|mnb|mni)|sem|shm(all|max|mni|_rmid_forced))$/, namespace: 'ipc' },
  { paths: /^fs\/mqueue\//, namespace: 'ipc' },
  { paths: /^net\//, namespace: 'network' },
  { paths: /^kernel\/domainname$/, namespace: 'uts' },
  { paths: /^user\//, namespace: 'user' },
];

export const sysctlRule: Rule = (spec) =>
  Object.entries(spec.linux?.sysctl ?? {}).flatMap(([name]) => parameter(spec, name));

function parameter(spec: Spec, name: string): readonly Complaint[] {
  const at = pointer('linux', 'sysctl', name);
  const path = sysctlPath(name);
  if (path === undefined) return wrong(at, name, 'the name of a kernel parameter', section);
  if (path === 'kernel/hostname') return wrong(at, name, 'the field hostname instead', section);
  const home = homes.find(({ paths }) => paths.test(path));
  if (home !== undefined && hasNamespace(spec, home.namespace)) return fine;
  const allowed =
    home === undefined
      ? 'parameters that belong to a namespace'
      : `a namespace of type ${home.namespace} with it`;
  const says = `sysctl ${JSON.stringify(name)} is not in a separate kernel namespace`;
  return wrong(at, name, allowed, section, says);
}
