import { errnoName, errnoText } from '../linux/errno.js';
import type { ErrorData, FailedCall } from './error.js';
import { hintFor } from './hints.js';

/** One line for people: step: …: [pointer:] message: call(arguments): ERRNO, text (hint: …). */
export function renderError(error: ErrorData): string {
  const where = error.at === undefined ? [] : [error.at];
  const what = error.message === '' ? [] : [error.message];
  const call = error.call === undefined ? [] : [renderCall(error.call)];
  const hint = error.hint ?? (error.call && hintFor(error.call));
  const text = [...error.steps, ...where, ...what, ...call].join(': ');
  return hint === undefined ? text : `${text} (hint: ${hint})`;
}

/**
 * Callers map words of an error to exit codes (Podman and dockerd: "permission denied" to 126,
 * "no such file or directory" to 127), so errnoText leaves those words out.
 */
export function renderCall({ name, args, errno }: FailedCall): string {
  const text = errnoText(errno);
  return `${name}(${args.join(', ')}): ${errnoName(errno)}${text === undefined ? '' : `, ${text}`}`;
}
