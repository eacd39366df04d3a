import type { IdMapping, LinuxNetDevice, Spec } from '../../generated/spec-types.js';
import { type Complaint, pointer } from '../complaint.js';
import { each, fine, hasNamespace, isAbsolute, type Rule, repeated, wrong } from './rule.js';

const section = 'config-linux.md#namespaces';
const mappingSection = 'config-linux.md#user-namespace-mappings';
const timeSection = 'config-linux.md#offset-for-time-namespace';
const netSection = 'config-linux.md#network-devices';

const typesOnce: Rule = ({ linux }) =>
  repeated(
    linux?.namespaces,
    ({ type }) => type,
    ({ type }, i) => wrong(`/linux/namespaces/${i}/type`, type, 'each type at most once', section),
  );

/** An empty path is an absent one: Go's writers do not tell them apart. */
const paths: Rule = ({ linux }) =>
  each(linux?.namespaces, ({ path = '' }, i) =>
    path === '' || isAbsolute(path)
      ? fine
      : wrong(`/linux/namespaces/${i}/path`, path, 'an absolute path', section),
  );

const mappings: Rule = (spec) =>
  hasNamespace(spec, 'user')
    ? fine
    : [...unasked(spec, 'uidMappings'), ...unasked(spec, 'gidMappings')];

/** user_namespaces(7): without a root nobody could build the container. */
const rootIsMapped: Rule = ({ linux }) => {
  const made = linux?.namespaces?.some(({ type, path }) => type === 'user' && !path);
  return made ? ids.flatMap((field) => holdsRoot(linux?.[field] ?? [], field)) : fine;
};

const ids = ['uidMappings', 'gidMappings'] as const;

function holdsRoot(list: readonly IdMapping[], field: (typeof ids)[number]): readonly Complaint[] {
  if (list.some(({ containerID, size }) => containerID === 0 && size > 0)) return fine;
  return wrong(`/linux/${field}`, list, 'a mapping of the container’s id 0', mappingSection);
}

function unasked({ linux }: Spec, field: 'uidMappings' | 'gidMappings'): readonly Complaint[] {
  const list = linux?.[field] ?? [];
  if (list.length === 0) return fine;
  return wrong(`/linux/${field}`, list, 'nothing, or a namespace of type user', mappingSection);
}

/** time_namespaces(7): the clocks that have an offset. */
const clocks = ['monotonic', 'boottime'];

const timeOffsets: Rule = (spec) => {
  const offsets = Object.entries(spec.linux?.timeOffsets ?? {});
  if (offsets.length === 0) return fine;
  if (!hasNamespace(spec, 'time')) {
    const allowed = 'nothing, or a namespace of type time';
    return wrong('/linux/timeOffsets', spec.linux?.timeOffsets, allowed, timeSection);
  }
  return offsets.flatMap(([clock, { nanosecs = 0 }]) => {
    const at = pointer('linux', 'timeOffsets', clock);
    if (!clocks.includes(clock))
      return wrong(at, clock, `one of ${clocks.join(', ')}`, timeSection);
    if (nanosecs < 1e9) return fine;
    return wrong(`${at}/nanosecs`, nanosecs, 'less than a second', timeSection);
  });
};

const netDevices: Rule = (spec) => {
  const devices = Object.entries(spec.linux?.netDevices ?? {});
  if (devices.length === 0) return fine;
  if (!hasNamespace(spec, 'network')) {
    const allowed = 'nothing, or a namespace of type network';
    return wrong('/linux/netDevices', spec.linux?.netDevices, allowed, netSection);
  }
  const names = devices.flatMap(([host, { name }]) => [
    ...interfaceName(host, pointer('linux', 'netDevices', host)),
    ...(name ? interfaceName(name, pointer('linux', 'netDevices', host, 'name')) : fine),
  ]);
  return [...names, ...namesTaken(devices)];
};

/** The kernel makes a name of its own from a template, so that those may be the same. */
function namesTaken(devices: readonly [string, LinuxNetDevice][]): readonly Complaint[] {
  const named = devices.filter(([, { name }]) => !name?.includes('%'));
  return repeated(
    named,
    ([host, { name }]) => name || host,
    ([host, { name }]) => {
      const at = pointer('linux', 'netDevices', host, ...(name ? ['name'] : []));
      return wrong(at, name || host, 'each name in the container at most once', netSection);
    },
  );
}

/** The kernel's dev_valid_name(): IFNAMSIZ holds 15 bytes and the end. */
function interfaceName(name: string, at: string): readonly Complaint[] {
  const template = /^[^%]*(%d[^%]*)?$/;
  if (/^[^\s/:]{1,15}$/.test(name) && !/^\.\.?$/.test(name) && template.test(name)) return fine;
  return wrong(at, name, 'the name of a network interface', netSection);
}

export const namespaceRules: readonly Rule[] = [
  typesOnce,
  paths,
  mappings,
  rootIsMapped,
  timeOffsets,
  netDevices,
];
