import type { Packet } from '../channel/channel.js';
import { fromData, RuntimeError, toData } from '../errors/error.js';
import { cwdSteps, processWords } from '../errors/words.js';
import { callOfRow } from '../linux/batch.js';
import { errno, errnoName } from '../linux/errno.js';

const notExecutable: readonly number[] = [errno.EACCES, errno.EPERM, errno.ENOEXEC, errno.EISDIR];

type Failed = Extract<Packet, { readonly type: 'failed' }>;

/** The arguments stay untold: the step names what matters of them. */
function callFailure({ step, row, errno }: Failed): RuntimeError {
  const name = callOfRow(row);
  if (name === undefined) return new RuntimeError('syscall', errnoName(errno), { steps: [step] });
  return new RuntimeError('syscall', '', { steps: [step], call: { name, args: [], errno } });
}

function batchFailure(failed: Failed): RuntimeError {
  const { step, errno: number } = failed;
  if (number === 0) return new RuntimeError('hook-failed', step);
  const said = `${step}: ${processWords(number)}`;
  if (!step.startsWith('exec: ') && !cwdSteps.test(step)) return callFailure(failed);
  const code = notExecutable.includes(number) ? 'command-not-executable' : 'command-not-found';
  // Root has seen that there is a permission.
  const denied = callOfRow(failed.row) === 'faccessat2' && number === errno.EACCES;
  return new RuntimeError(code, denied ? `${said}: not for this user and its groups` : said);
}

/** The child's report as the error that its parent throws; with a cause, if more is known. */
export function failureOf(packet: Packet, cause?: string | null): RuntimeError {
  const error = reported(packet);
  const message = cause ? `${error.message}: ${cause}` : error.message;
  return new RuntimeError(error.code, message, {
    ...toData(error),
    steps: ['unable to start container process', 'error during container init', ...error.steps],
  });
}

function reported(packet: Packet): RuntimeError {
  if (packet.type === 'error') return fromData(packet.error);
  if (packet.type === 'failed') return batchFailure(packet);
  return new RuntimeError('protocol', `unexpected ${packet.type} from the container's init`);
}
