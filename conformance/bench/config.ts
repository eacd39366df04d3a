import { template } from '../../src/spec/template.js';
import { engineProfile } from '../lib/seccomp-profile.js';

export interface Choices {
  /** Also the name of its cgroup. */
  readonly id: string;
  readonly rootfs: string;
  readonly args: readonly string[];
  /** In bytes. */
  readonly memory?: number;
  /** With the system call filter of an engine. */
  readonly filtered?: boolean;
}

const roomy = 64 * 1024 * 1024;

/**
 * What `spec` prints, with a cgroup of its own, limits, and device rules as engines send them.
 * crun 1.8 refuses documents newer than the specification's 1.0.
 */
export function benchConfig({
  id,
  rootfs,
  args,
  memory = roomy,
  filtered = false,
}: Choices): object {
  const { process, linux, ...rest } = template({ cgroupV2: true });
  return {
    ...rest,
    ociVersion: '1.0.2',
    root: { path: rootfs, readonly: true },
    process: { ...process, terminal: false, args },
    linux: {
      ...linux,
      cgroupsPath: `/${id}`,
      resources: { devices: deviceRules(), memory: { limit: memory }, pids: { limit: 32 } },
      ...(filtered && { seccomp: engineProfile() }),
    },
  };
}

/** Refuse all, then null, zero and tty by name. */
function deviceRules() {
  const allowed = [
    [1, 3],
    [1, 5],
    [5, 0],
  ] as const;
  const rule = ([major, minor]: readonly [number, number]) => {
    return { allow: true, type: 'c', major, minor, access: 'rwm' };
  };
  return [{ allow: false, access: 'rwm' }, ...allowed.map(rule)];
}
