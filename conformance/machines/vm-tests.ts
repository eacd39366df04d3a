/** One start of vitest in the virtual machine. */
export interface Pass {
  readonly name: string;
  /** Which engine the end-to-end tests use: emulated, a call takes Node seconds. */
  readonly engine: 'static' | 'node';
  /** Beginnings of the paths of test files: all that begin with one of them run. */
  readonly files: readonly string[];
}

const suites = (...names: readonly string[]) => names.map((name) => `conformance/suites/${name}`);

/**
 * What runs in the virtual machine: what depends on cgroup v2 with all of its controllers, systemd,
 * AppArmor, user sessions or another kernel. A new suite of these needs its name here, once.
 */
export const passes: readonly Pass[] = [
  {
    name: 'the static executable',
    engine: 'static',
    files: [
      'src/cgroup/',
      ...suites('v2-limits', 'systemd', 'lsm', 'cgroups', 'resources', 'pause', 'ps.', 'events'),
      ...suites('rootless', 'user-namespaces', 'namespaces', 'kill.', 'delete', 'run.', 'create'),
    ],
  },
  { name: 'Node', engine: 'node', files: suites('lsm') },
];
