import { Complaint } from './complaint.js';

type Verb = (args: readonly string[]) => Promise<number>;

/** What the scripts of package.json ask for. Loaded late: most need packages that others do not. */
const verbs: Readonly<Record<string, Verb>> = {
  start: async (args) => (await import('./verbs/start.js')).start(args),
  build: async (args) => (await import('./verbs/build.js')).buildOnly(args),
  test: async (args) => (await import('./verbs/test.js')).test(args),
  bench: async (args) => (await import('./verbs/bench.js')).bench(args),
  conformance: async (args) => (await import('./verbs/conformance.js')).conformance(args),
  results: async (args) => (await import('./verbs/results.js')).results(args),
  fresh: async (args) =>
    (await import('../../conformance/machines/fresh-debian.js')).tryOnFreshDebian(args),
  vm: async (args) => (await import('../../conformance/machines/vm.js')).testInVm(args),
  engines: async (args) => (await import('../../conformance/engines/engines.js')).testEngines(args),
  install: async (args) => (await import('./verbs/install.js')).installSystem(args),
  uninstall: async (args) => (await import('./verbs/install.js')).uninstallSystem(args),
};

/** Runs one verb and returns the exit status. */
export async function main([name = '', ...args]: readonly string[]): Promise<number> {
  try {
    const verb = verbs[name];
    if (verb === undefined) throw new Complaint(`unknown verb '${name}': ${Object.keys(verbs)}`);
    return await verb(args);
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  }
}
