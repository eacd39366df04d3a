import type { LinuxResources } from '../generated/spec-types.js';

/** The controller of cgroup v2 that a field goes to; what is not here has its own rule below. */
const controllers: Readonly<Partial<Record<keyof LinuxResources, string>>> = {
  memory: 'memory',
  pids: 'pids',
  blockIO: 'io',
  hugepageLimits: 'hugetlb',
  rdma: 'rdma',
};

export interface Split {
  readonly v1: LinuxResources;
  readonly v2: LinuxResources;
}

/**
 * On a hybrid host each controller is in one hierarchy: `unified` names those of the unified one. The
 * fields go where their controllers are, and to v1 when nobody has them.
 */
export function splitResources(resources: LinuxResources, unified: readonly string[]): Split {
  const { cpu, ...others } = resources;
  const v1: Record<string, unknown> = {};
  const v2: Record<string, unknown> = {};
  const put = (name: string, field: string, value: unknown) => {
    (unified.includes(name) ? v2 : v1)[field] = value;
  };
  for (const [field, value] of Object.entries(others)) {
    if (field === 'unified') v2[field] = value;
    else put(controllers[field as keyof LinuxResources] ?? '', field, value);
  }
  if (cpu === undefined) return { v1, v2 };
  const { cpus, mems, ...time } = cpu;
  const places = { ...(cpus && { cpus }), ...(mems && { mems }) };
  put('cpu', 'cpu', time);
  const holder = unified.includes('cpuset') ? v2 : v1;
  holder.cpu = { ...(holder.cpu as object | undefined), ...places };
  return { v1, v2 };
}
