import type { Mount, Spec } from '../../generated/spec-types.js';
import type { Complaint } from '../complaint.js';
import { absolute, each, fine, hasNamespace, type Rule, wrong } from './rule.js';

const section = 'config.md#mounts';

/** The root is no place to mount: it is there already, from `root`. */
const destination: Rule = ({ mounts }) =>
  each(mounts, ({ destination }, i) =>
    /^[/.]*$/.test(destination)
      ? wrong(`/mounts/${i}/destination`, destination, 'a path below /', section)
      : fine,
  );

const bindSource: Rule = ({ mounts }) =>
  each(mounts, (mount, i) =>
    isBind(mount) && (mount.source ?? '') === ''
      ? wrong(`/mounts/${i}/source`, mount.source, 'a path, since this is a bind mount', section)
      : fine,
  );

function isBind({ options = [] }: Mount): boolean {
  return options.includes('bind') || options.includes('rbind');
}

const mappingPairs: Rule = ({ mounts }) =>
  each(mounts, ({ uidMappings, gidMappings }, i) => {
    if ((uidMappings === undefined) === (gidMappings === undefined)) return fine;
    const missing = uidMappings === undefined ? 'uidMappings' : 'gidMappings';
    const allowed = 'both mappings, or none';
    return wrong(`/mounts/${i}/${missing}`, undefined, allowed, 'config.md#posix-platform-mounts');
  });

const maskedPaths: Rule = ({ linux }) =>
  absolute(linux?.maskedPaths, '/linux/maskedPaths', 'config-linux.md#masked-paths');

const readonlyPaths: Rule = ({ linux }) =>
  absolute(linux?.readonlyPaths, '/linux/readonlyPaths', 'config-linux.md#readonly-paths');

interface NeedsMountNamespace {
  readonly at: string;
  readonly section: string;
  readonly asked: (spec: Spec) => unknown;
}

/** Whatever mounts would change the host without a mount namespace. */
const needMountNamespace: readonly NeedsMountNamespace[] = [
  { at: '/mounts', section, asked: ({ mounts }) => mounts?.length },
  { at: '/root/readonly', section: 'config.md#root', asked: ({ root }) => root?.readonly },
  {
    at: '/linux/maskedPaths',
    section: 'config-linux.md#masked-paths',
    asked: ({ linux }) => linux?.maskedPaths?.length,
  },
  {
    at: '/linux/readonlyPaths',
    section: 'config-linux.md#readonly-paths',
    asked: ({ linux }) => linux?.readonlyPaths?.length,
  },
  {
    at: '/linux/devices',
    section: 'config-linux.md#devices',
    asked: ({ linux }) => linux?.devices?.length,
  },
  {
    at: '/linux/rootfsPropagation',
    section: 'config-linux.md#rootfs-mount-propagation',
    asked: ({ linux }) => linux?.rootfsPropagation,
  },
];

const mountNamespace: Rule = (spec) =>
  hasNamespace(spec, 'mount')
    ? fine
    : needMountNamespace.flatMap(({ at, section, asked }): readonly Complaint[] => {
        const value = asked(spec);
        if (!value) return fine;
        const found = typeof value === 'number' ? new Array(value) : value;
        return wrong(at, found, 'nothing, or a namespace of type mount', section);
      });

export const mountRules: readonly Rule[] = [
  destination,
  bindSource,
  mappingPairs,
  maskedPaths,
  readonlyPaths,
  mountNamespace,
];
