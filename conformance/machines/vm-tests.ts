/** The conformance suite, against a runtime of the machine. */
export interface Suite {
  readonly args: readonly string[];
  /** As the machine's user `tester`. */
  readonly isOrdinary?: boolean;
}

/** One start of vitest, or of the conformance suite, in the virtual machine. */
export interface Pass {
  readonly name: string;
  /** Which engine the end-to-end tests use: emulated, a call takes Node seconds. */
  readonly engine: 'static' | 'node';
  /** Beginnings of the paths of test files: all that begin with one of them run. */
  readonly files: readonly string[];
  /** Runs in place of vitest. */
  readonly suite?: Suite;
}

const suites = (...names: readonly string[]) => names.map((name) => `conformance/suites/${name}`);

/** What no other machine of ours can show. */
const ownPass: Pass = {
  name: 'the static executable',
  engine: 'static',
  files: ['src/cgroup/', ...suites('v2-limits', 'systemd', 'lsm', 'delegation', 'oom')],
};

/** What is asked of the conformance suite. */
export interface Questions {
  /** Paths in the checkout, or names of programs that the machine has. */
  readonly runtimes?: readonly string[] | undefined;
  readonly profile?: string | undefined;
  readonly filter?: readonly string[] | undefined;
  readonly isOrdinary?: boolean | undefined;
}

const own = 'dist/runts';

/** One pass for each runtime. */
export function suitePasses(questions: Questions): readonly Pass[] {
  const { runtimes = [own], profile = 'spec', filter = [], isOrdinary = false } = questions;
  const rest = ['--profile', profile, ...filter.flatMap((text) => ['--filter', text])];
  return runtimes.map((runtime) => ({
    name: `the conformance suite, ${runtime}${isOrdinary ? ', as an ordinary user' : ''}`,
    engine: 'static',
    files: [],
    suite: { args: ['--runtime', runtime, ...rest], isOrdinary },
  }));
}

/** Emulated, all of it takes as long as the rest together. */
export const ownSubjects = ['cgroup', 'device-rules', 'unified/', 'security-labels'];

/** For every run of CI. A new suite that needs systemd, all of v2 or AppArmor has its name above. */
export const briefPasses: readonly Pass[] = [ownPass, ...suitePasses({ filter: ownSubjects })];

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
  ...suitePasses({}),
  { name: 'Node', engine: 'node', files: suites('lsm') },
];
