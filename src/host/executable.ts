import { errno } from '../linux/errno.js';
import type { Context } from './host.js';
import type * as Inspect from './inspect.js';
import { openAt } from './io.js';
import { mountFlagsOf, stat } from './stat.js';

/**
 * Why execve(2) refuses a file with this error, or would; null when the file does not tell. It is
 * looked at to explain another failure, which nothing that fails meanwhile may hide.
 */
export function whyNotExecuted(
  context: Context,
  find: Inspect.Find,
  path: string,
  error: number,
): string | null {
  const tools = { context, find, openAt, stat, mountFlagsOf };
  try {
    const { inspect } = context.host.engine.chunk('inspect') as typeof Inspect;
    return inspect(tools, path, error === errno.ENOEXEC);
  } catch {
    return null;
  }
}
