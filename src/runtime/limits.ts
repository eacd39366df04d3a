import { during } from '../errors/error.js';
import type { Process } from '../generated/spec-types.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { writeProc } from '../host/proc.js';
import { rlimitNumbers } from '../linux/rlimits.js';

/** struct rlimit64: soft, hard. */
const rlimit = (soft: number | bigint, hard: number | bigint): Uint8Array =>
  new Uint8Array(new BigUint64Array([BigInt(soft), BigInt(hard)]).buffer);

/** config.md#posix-process: set from outside, as init may no longer be allowed to. */
export function applyProcessLimits(
  context: Context,
  proc: Fd,
  pid: number,
  process: Process,
): void {
  (process.rlimits ?? []).forEach(({ type, soft, hard }, i) => {
    during(
      `set ${type}`,
      () => context.host.sys.prlimit64(pid, rlimitNumbers[type]!, rlimit(soft, hard), null),
      `/process/rlimits/${i}`,
    );
  });
  const { oomScoreAdj } = process;
  if (oomScoreAdj === undefined) return;
  during(
    'set the OOM score',
    () => writeProc(context, proc, `${pid}/oom_score_adj`, String(oomScoreAdj)),
    '/process/oomScoreAdj',
  );
}
