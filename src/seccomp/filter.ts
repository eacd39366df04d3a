import type { LinuxSeccomp } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';
import type { SeccompPlan } from '../plan/plan.js';
import { stringify } from '../spec/json.js';
import { FilterCache } from './cache.js';
import { compile } from './compile.js';
import type { Profile } from './describe.js';
import { type Compiled, keyText } from './entry.js';
import { loadFlags } from './flags.js';

export interface Filter {
  readonly plan: SeccompPlan;
  /** Keeps what has been compiled for the next container; does nothing when it came from there. */
  remember(): void;
}

const notify = 'SCMP_ACT_NOTIFY';

/** In this order, whatever the order in the configuration. */
const profileOf = (seccomp: LinuxSeccomp): Profile => ({
  defaultAction: seccomp.defaultAction,
  ...(seccomp.defaultErrnoRet !== undefined && { defaultErrnoRet: seccomp.defaultErrnoRet }),
  ...(seccomp.architectures !== undefined && { architectures: seccomp.architectures }),
  ...(seccomp.syscalls !== undefined && { syscalls: seccomp.syscalls }),
});

function keyOf(context: Context, profile: Profile): string {
  return keyText(stringify(profile), context.host.raw.seccompVersion());
}

function tell({ log }: Context, { remarks }: Compiled): void {
  if (log.debugging && remarks !== '') for (const line of remarks.split('\n')) log.debug(line);
}

/** The filter of a container, compiled before it is born: its memory limit does not know of that. */
export function prepareFilter(context: Context, root: string, seccomp: LinuxSeccomp): Filter {
  const notifies = (seccomp.syscalls ?? []).some(({ action }) => action === notify);
  const flags = loadFlags(context, seccomp.flags, notifies);
  const profile = profileOf(seccomp);
  const cache = new FilterCache(context, root, keyOf(context, profile));
  const cached = cache.read();
  const compiled = cached ?? compile(context, profile);
  tell(context, compiled);
  return {
    plan: { program: context.host.engine.decode(compiled.program), flags, notifies },
    remember: () => {
      if (cached === null) cache.write(compiled);
    },
  };
}
