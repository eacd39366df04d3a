import { call } from '../../lib/call.js';
import { until } from '../../lib/until.js';
import { type Remains, remainsOf, statesOf, type Traces } from './remains.js';

export interface Aftermath {
  /** When the engine has removed all that it knows. */
  readonly left: Remains;
  /** When the runtime was told to delete what it still knows: an engine whose call was killed may not. */
  readonly deleted: Remains;
}

export async function aftermath(
  program: string,
  traces: Traces,
  before: Remains,
): Promise<Aftermath> {
  const left = await settled(traces, before);
  for (const id of statesOf(traces))
    await call(traces.folder, [program, '--root', traces.states, 'delete', '--force', id]);
  return { left, deleted: await settled(traces, before) };
}

/** What ends needs its time; afterwards, what there is more of than before. */
async function settled(traces: Traces, before: Remains): Promise<Remains> {
  const gone = () => Object.values(more(traces, before)).every((count) => count === 0);
  await until('nothing is left', gone).catch(() => undefined);
  return more(traces, before);
}

function more(traces: Traces, before: Remains): Remains {
  const now = remainsOf(traces);
  const rest = (name: keyof Remains) => Math.max(0, now[name] - before[name]);
  return {
    processes: rest('processes'),
    shims: rest('shims'),
    mounts: rest('mounts'),
    cgroups: rest('cgroups'),
    states: rest('states'),
    descriptors: rest('descriptors'),
  };
}
