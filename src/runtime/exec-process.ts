import { execArgsEmpty } from '../errors/catalog.js';
import { during, RuntimeError } from '../errors/error.js';
import type { LinuxCapabilities, Process } from '../generated/spec-types.js';
import { readFile } from '../host/io.js';
import type * as Explain from '../spec/explain.js';
import { parse, parseQuickly, stringify } from '../spec/json.js';
import { loadSpec } from '../spec/load.js';
import type { ContainerRecord } from '../state/record.js';
import { readBundle } from './bundle.js';
import type { RuntimeContext } from './context.js';

/** What the command line says about the process, over what the bundle says. */
export interface ProcessChanges {
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid?: number };
  readonly additionalGids?: readonly number[];
  readonly capabilities?: readonly string[];
  readonly apparmorProfile?: string;
  readonly selinuxLabel?: string;
  readonly terminal?: boolean;
  readonly noNewPrivileges?: boolean;
}

type Caps = { -readonly [Set in keyof LinuxCapabilities]: LinuxCapabilities[Set] };

/** Ambient ones have to be inheritable, capabilities(7). */
function withCapabilities(
  base: LinuxCapabilities | undefined,
  names: readonly string[],
): LinuxCapabilities {
  const full = names.map((name) => (name.startsWith('CAP_') ? name : `CAP_${name}`));
  const inheritable: readonly string[] = base?.inheritable ?? [];
  const added: Readonly<Record<string, readonly string[]>> = {
    bounding: full,
    effective: full,
    permitted: full,
    ambient: full.filter((name) => inheritable.includes(name)),
  };
  const sets = { ...base } as Record<string, readonly string[]>;
  for (const [set, more] of Object.entries(added))
    if (more.length > 0) sets[set] = [...new Set([...(sets[set] ?? []), ...more])];
  return sets as Caps;
}

function changed(base: Process, changes: ProcessChanges): Process {
  const { args, env = [], cwd, user, additionalGids = [], capabilities = [] } = changes;
  const { apparmorProfile, selinuxLabel, noNewPrivileges, terminal = false } = changes;
  const groups = [...(base.user?.additionalGids ?? []), ...additionalGids];
  return {
    ...base,
    terminal,
    args: [...args],
    env: [...(base.env ?? []), ...env],
    ...(cwd !== undefined && { cwd }),
    user: {
      ...(base.user ?? { uid: 0, gid: 0 }),
      ...user,
      ...(groups.length > 0 && { additionalGids: groups }),
    },
    ...(capabilities.length > 0 && {
      capabilities: withCapabilities(base.capabilities, capabilities),
    }),
    ...(apparmorProfile && { apparmorProfile }),
    ...(selinuxLabel && { selinuxLabel }),
    ...(noNewPrivileges !== undefined && { noNewPrivileges }),
  };
}

/** The rules about a process know their way in a whole configuration. */
function parseProcess(context: RuntimeContext, text: string): Process {
  // It has to be whole by itself, and its errors are told as they stand in it.
  if (parseQuickly(text) === undefined) parse(text);
  const namespaces = '"namespaces":[{"type":"mount"}]';
  const whole = `{"ociVersion":"1.0.2","root":{"path":"/"},"linux":{${namespaces}},"process":${text}}`;
  const chunk = () => context.host.engine.chunk('explain') as typeof Explain;
  const { spec } = loadSpec(whole, (refused) => chunk().readOrExplain(refused));
  return spec.process as Process;
}

/** The file of `--process`: the object `process` of config.md. */
export function readProcess(context: RuntimeContext, path: string): Process {
  return during(`process file ${path}`, () =>
    parseProcess(context, context.host.engine.decode(readFile(context, path))),
  );
}

/** The process of the bundle with the command line's changes. */
export function changedProcess(
  context: RuntimeContext,
  { bundle }: ContainerRecord,
  changes: ProcessChanges,
): Process {
  if (changes.args.length === 0) throw execArgsEmpty();
  const { process } = readBundle(context, bundle);
  if (process === undefined) throw new RuntimeError('invalid-config', 'the bundle has no process');
  // What people type is held against the same rules as what engines write.
  return parseProcess(context, stringify(changed(process, changes)));
}
