import type { Packet } from '../channel/channel.js';
import { fromData, RuntimeError, toData } from '../errors/error.js';
import { callOfRow } from '../linux/batch.js';
import { errno, errnoName } from '../linux/errno.js';

/** What execve(2) and the last look at the executable answer, in the words that engines know. */
const execWords: Readonly<Record<number, string>> = {
  [errno.ENOENT]: 'no such file or directory',
  [errno.ENOTDIR]: 'not a directory',
  [errno.EACCES]: 'permission denied',
  [errno.EPERM]: 'operation not permitted',
  [errno.ENOEXEC]: 'exec format error',
  [errno.EISDIR]: 'is a directory',
  [errno.E2BIG]: 'argument list too long',
  [errno.ELOOP]: 'too many levels of symbolic links',
  [errno.ETXTBSY]: 'text file busy',
  [errno.ENOMEM]: 'cannot allocate memory',
};

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
  if (!step.startsWith('exec: ')) return callFailure(failed);
  const code = notExecutable.includes(number) ? 'command-not-executable' : 'command-not-found';
  return new RuntimeError(code, `${step}: ${execWords[number] ?? errnoName(number)}`);
}

/** The child's report as the error that its parent throws. */
export function failureOf(packet: Packet): RuntimeError {
  const error = reported(packet);
  return new RuntimeError(error.code, error.message, {
    ...toData(error),
    steps: ['unable to start container process', 'error during container init', ...error.steps],
  });
}

function reported(packet: Packet): RuntimeError {
  if (packet.type === 'error') return fromData(packet.error);
  if (packet.type === 'failed') return batchFailure(packet);
  return new RuntimeError('protocol', `unexpected ${packet.type} from the container's init`);
}
