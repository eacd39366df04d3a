/** Probes as hooks, which write what they see into one file, in the order in which they end. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Paths, Prepare } from '../../lib/container.js';
import { type Hook, type HookKind, hookKinds } from '../../lib/hooks.js';
import { until } from '../../lib/until.js';
import { probe } from '../../probe/program.js';
import { type Report, readReports } from '../../probe/report.js';
import { succeeds } from '../../runner/trial.js';

/** Of config.md: numbers of the statements under "POSIX-platform Hooks", and of each kind's own heading. */
interface Rows {
  /** Where its path is looked up. */
  readonly path: readonly string[];
  /** In which namespaces it runs. */
  readonly namespaces: readonly string[];
  /** That it runs at all, and what follows if it fails: runtime.md#lifecycle. */
  readonly invoked: string;
  readonly failure: string;
  /** When it runs. */
  readonly when: string;
  /** Which operation runs it. */
  readonly during: 'create' | 'start' | 'delete';
  readonly isInContainer: boolean;
}

const rows = (
  heading: string,
  numbers: readonly [path: number, namespaces: number],
  own: readonly [when: number, path: number, namespaces: number],
  lifecycle: number,
  rest: Pick<Rows, 'during' | 'isInContainer'>,
): Rows => ({
  path: [`config/posix-platform-hooks/${numbers[0]}`, `config/${heading}/${own[1]}`],
  namespaces: [`config/posix-platform-hooks/${numbers[1]}`, `config/${heading}/${own[2]}`],
  invoked: `runtime/lifecycle/${lifecycle}`,
  failure: `runtime/lifecycle/${lifecycle + 1}`,
  when: `config/${heading}/${own[0]}`,
  ...rest,
});

const outside = { isInContainer: false } as const;
const inside = { isInContainer: true } as const;

export const hookRows: Readonly<Record<HookKind, Rows>> = {
  prestart: rows('prestart', [3, 4], [1, 3, 4], 5, {
    during: 'create',
    ...outside,
  }),
  createRuntime: rows('createruntime-hooks', [7, 8], [1, 2, 3], 7, {
    during: 'create',
    ...outside,
  }),
  createContainer: rows('createcontainer-hooks', [9, 10], [1, 3, 4], 9, {
    during: 'create',
    ...inside,
  }),
  startContainer: rows('startcontainer-hooks', [11, 12], [1, 2, 3], 11, {
    during: 'start',
    ...inside,
  }),
  poststart: rows('poststart', [13, 14], [1, 2, 3], 14, {
    during: 'start',
    ...outside,
  }),
  poststop: rows('poststop', [15, 16], [1, 2, 3], 17, {
    during: 'delete',
    ...outside,
  }),
};

export type Hooks = Partial<Record<HookKind, readonly Hook[]>>;

const log = 'tmp/log';

/** Only these are run after the root file system has become the container's. */
const isBelowRoot = (kind: HookKind): boolean => kind === 'startContainer';

/** Where a kind of hook finds the probe. */
export const probeFor = (kind: HookKind): string => (isBelowRoot(kind) ? '/probe' : probe());

/** Where a kind of hook finds the file that all write to. */
export const logFor = (kind: HookKind, { rootfs }: Paths): string =>
  isBelowRoot(kind) ? `/${log}` : join(rootfs, log);

/**
 * A hook that notes a name, what it was given, and what operations have found out, when it ends.
 * It reads what it is given even where no test needs that: some runtimes do not bear it otherwise.
 */
export const noting = (
  kind: HookKind,
  paths: Paths,
  name: string = kind,
  ...operations: readonly string[]
): Hook => ({
  path: probeFor(kind),
  args: [name, 'stdin', ...operations, 'to', logFor(kind, paths)],
});

/** A process that notes `/probe` and goes on for as long as it may. */
export const notingProcess = ['/probe', 'to', `/${log}`, 'wait'];

/** A container with hooks, whose process notes that it runs. */
export const withHooks =
  (make: (paths: Paths) => Hooks, change: Prepare = () => {}): Prepare =>
  (config, paths) => {
    config.process.args = [...notingProcess];
    config.hooks = make(paths);
    change(config, paths);
  };

/** What hooks and the process have noted so far. */
export function noted({ rootfs }: Container): Report[] {
  const path = join(rootfs, log);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // Somebody may be writing the last line.
  return readReports(text.slice(0, text.lastIndexOf('\n') + 1));
}

/** The names of all that have noted something. */
export const namesNoted = (container: Container): string[] =>
  noted(container).map(({ argv }) => argv[0] ?? '');

/** What somebody has noted; an error if nobody has. */
export function noteOf(container: Container, name: string): Report {
  const found = noted(container).find(({ argv }) => argv[0] === name);
  if (found === undefined) throw new Error(`${name} has not run`);
  return found;
}

/** Starts it, and lets the program run until it has noted itself. */
export async function begun(container: Container): Promise<void> {
  await succeeds(container.start());
  await until('the program notes that it runs', () => namesNoted(container).includes('/probe'));
}

/** Starts what was created, and ends it. */
export async function begunAndEnded(container: Container): Promise<void> {
  const { pid } = container;
  await begun(container);
  await succeeds(container.kill('KILL'));
  await container.ended(pid);
}

/** Every operation once. */
export async function throughLife(container: Container): Promise<void> {
  await container.created();
  await begunAndEnded(container);
  await succeeds(container.delete());
}

const namespaceNames = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];

/** Those of this process, and so of the runtime. */
export const ownNamespaces = (): Record<string, string> =>
  Object.fromEntries(namespaceNames.map((name) => [name, readlinkSync(`/proc/self/ns/${name}`)]));

/** The same hook for each kind. */
export const ofEveryKind = (make: (kind: HookKind) => readonly Hook[]): Hooks =>
  Object.fromEntries(hookKinds.map((kind) => [kind, make(kind)]));
