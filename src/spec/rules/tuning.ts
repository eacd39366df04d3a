import type { LinuxMemoryPolicy } from '../../generated/spec-types.js';
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

/** The name of a directory below the resctrl mount, or / for that itself. */
const closId: Rule = ({ linux }) => {
  const id = linux?.intelRdt?.closID ?? '';
  if (id === '/' || !(id.includes('/') || id === '.' || id === '..')) return fine;
  return wrong('/linux/intelRdt/closID', id, '/, or the name of a directory', rdtSection);
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

const memoryPolicy: Rule = ({ linux }) => {
  if (linux?.memoryPolicy === undefined) return fine;
  const { mode, nodes = '' } = linux.memoryPolicy;
  const wanted = nodesOf[mode] ?? nodes !== '';
  if (wanted === (nodes !== '')) return fine;
  const allowed = `${wanted ? 'memory nodes' : 'nothing'} for ${mode}`;
  return wrong('/linux/memoryPolicy/nodes', nodes, allowed, 'config-linux.md#memory-policy');
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

/** sched_setattr(2): SCHED_DEADLINE wants runtime <= deadline <= period. */
const deadline: Rule = ({ process }) => {
  const { policy, runtime = 0, deadline = 0, period = 0 } = process?.scheduler ?? {};
  if (policy !== 'SCHED_DEADLINE') return fine;
  if (runtime > 0 && runtime <= deadline && (period === 0 || deadline <= period)) return fine;
  const allowed = 'at least the runtime, at most the period';
  return wrong('/process/scheduler/deadline', deadline, allowed, 'config.md#linux-process');
};

export const tuningRules: readonly Rule[] = [
  cacheSchema,
  bandwidthSchema,
  schemata,
  closId,
  memoryPolicy,
  personality,
  deadline,
];
