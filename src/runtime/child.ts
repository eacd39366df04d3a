import { SIGKILL, WNOHANG } from '../linux/constants.js';
import type { RuntimeContext } from './context.js';

/** Kills and reaps a child that nobody needs any more. */
export function endChild(context: RuntimeContext, pid: number): void {
  // Somebody may have reaped it already, and then its pid may be anybody's.
  if (context.host.raw.wait4(pid, null, WNOHANG, null) !== 0) return;
  context.host.raw.kill(pid, SIGKILL);
  context.host.raw.wait4(pid, null, 0, null);
}
