import { during } from '../errors/error.js';
import type { Process } from '../generated/spec-types.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { writeProc } from '../host/proc.js';

/** config.md#linux-process: written from outside, as init is no longer dumpable and owns nothing. */
export function applyOomScore(
  context: Context,
  proc: Fd,
  pid: number,
  { oomScoreAdj }: Process,
): void {
  if (oomScoreAdj === undefined) return;
  during(
    'set the OOM score',
    () => writeProc(context, proc, `${pid}/oom_score_adj`, String(oomScoreAdj)),
    '/process/oomScoreAdj',
  );
}
