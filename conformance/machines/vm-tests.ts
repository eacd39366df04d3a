/** One start of vitest, or of the conformance suite, in the virtual machine. */
export interface Pass {
  readonly name: string;
  /** Which engine the end-to-end tests use: emulated, a call takes Node seconds. */
  readonly engine: 'static' | 'node';
  /** Beginnings of the paths of test files: all that begin with one of them run. */
  readonly files: readonly string[];
  /** Arguments of the conformance suite, which then runs in place of vitest. */
  readonly suite?: readonly string[];
}

const suites = (...names: readonly string[]) => names.map((name) => `conformance/suites/${name}`);

/** What no other machine of ours can show. */
const ownPass: Pass = {
  name: 'the static executable',
  engine: 'static',
  files: ['src/cgroup/', ...suites('v2-limits', 'systemd', 'lsm', 'delegation', 'oom')],
};

/** As root, where cgroup v2 has all of its controllers. */
export const conformancePass: Pass = {
  name: 'the conformance suite',
  engine: 'static',
  files: [],
  suite: ['--runtime', 'dist/runts'],
};

/** Emulated, all of it takes as long as the rest together. */
const ownSubjects = ['cgroup', 'device-rules', 'unified/', 'security-labels'];

export const briefConformance: Pass = {
  ...conformancePass,
  suite: ['--runtime', 'dist/runts', ...ownSubjects.flatMap((subject) => ['--filter', subject])],
};

/** For every run of CI. A new suite that needs systemd, all of v2 or AppArmor has its name above. */
export const briefPasses: readonly Pass[] = [ownPass, briefConformance];

/** All that depends on cgroups, systemd, AppArmor, user sessions or another kernel. */
export const passes: readonly Pass[] = [
  {
    ...ownPass,
    files: [
      ...ownPass.files,
      ...suites('cgroups', 'resources', 'update', 'pause', 'ps.', 'events', 'exec-inside'),
      ...suites('rootless', 'user-namespaces', 'namespaces', 'kill.', 'delete', 'run.', 'create'),
    ],
  },
  conformancePass,
  { name: 'Node', engine: 'node', files: suites('lsm') },
];
