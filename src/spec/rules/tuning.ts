import type { LinuxMemoryPolicy } from '../../generated/spec-types.js';
import { MEMORY_NODES, parseList } from '../../linux/cpu-list.js';
import { each, fine, type Rule, wrong } from './rule.js';

const rdtSection = 'config-linux.md#intelrdt';

const cacheSchema: Rule = ({ linux }) => {
  const schema = linux?.intelRdt?.l3CacheSchema ?? '';
  if (!schema.includes('\n')) return fine;
  return wrong('/linux/intelRdt/l3CacheSchema', schema, 'one line', rdtSection);
};

const bandwidthSchema: Rule = ({ linux }) => {
  const schema = linux?.intelRdt?.memBwSchema ?? '';
  if (schema === '' || /^MB:[^\n]*$/.test(schema)) return fine;
  return wrong('/linux/intelRdt/memBwSchema', schema, 'one line that starts with MB:', rdtSection);
};

const schemata: Rule = ({ linux }) =>
  each(linux?.intelRdt?.schemata, (line, i) =>
    line.includes('\n')
      ? wrong(`/linux/intelRdt/schemata/${i}`, line, 'one line', rdtSection)
      : fine,
  );

/** Besides the directories that are none, those that the kernel makes: resctrl.rst. */
const noGroups = ['.', '..', 'info', 'mon_groups', 'mon_data'];

/** The name of a directory below the resctrl mount, or / for that itself. */
const closId: Rule = ({ linux }) => {
  const id = linux?.intelRdt?.closID ?? '';
  if (id === '/' || !(/[/\n]/.test(id) || noGroups.includes(id))) return fine;
  return wrong('/linux/intelRdt/closID', id, '/, or the name of a group', rdtSection);
};

/** set_mempolicy(2): which modes refuse nodes, and which need some. */
const nodesOf: Readonly<Partial<Record<LinuxMemoryPolicy['mode'], boolean>>> = {
  MPOL_DEFAULT: false,
  MPOL_LOCAL: false,
  MPOL_BIND: true,
  MPOL_INTERLEAVE: true,
  MPOL_WEIGHTED_INTERLEAVE: true,
  MPOL_PREFERRED_MANY: true,
};

const memorySection = 'config-linux.md#memory-policy';

const memoryNodes: Rule = ({ linux }) => {
  if (linux?.memoryPolicy === undefined) return fine;
  const { mode, nodes = '' } = linux.memoryPolicy;
  const at = '/linux/memoryPolicy/nodes';
  const list = parseList(nodes, MEMORY_NODES);
  if (list === null)
    return wrong(at, nodes, `memory nodes below ${MEMORY_NODES}, such as 0-3,7`, memorySection);
  const wanted = nodesOf[mode] ?? list.length > 0;
  if (wanted === list.length > 0) return fine;
  return wrong(at, nodes, `${wanted ? 'memory nodes' : 'nothing'} for ${mode}`, memorySection);
};

/** set_mempolicy(2): EINVAL when both are given. */
const memoryFlags: Rule = ({ linux }) => {
  const flags = linux?.memoryPolicy?.flags ?? [];
  const both = flags.includes('MPOL_F_STATIC_NODES') && flags.includes('MPOL_F_RELATIVE_NODES');
  if (!both) return fine;
  const allowed = 'one of MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES';
  return wrong('/linux/memoryPolicy/flags', flags, allowed, memorySection);
};

const personality: Rule = ({ linux }) =>
  each(linux?.personality?.flags, (flag, i) =>
    wrong(
      `/linux/personality/flags/${i}`,
      flag,
      'no flags, none are defined',
      'config-linux.md#personality',
    ),
  );

export const tuningRules: readonly Rule[] = [
  cacheSchema,
  bandwidthSchema,
  schemata,
  closId,
  memoryNodes,
  memoryFlags,
  personality,
];
