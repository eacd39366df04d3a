import type { Context } from '../host/host.js';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../linux/constants.js';

/** Now, RFC 3339 in UTC with nanoseconds. */
export function clockNow(context: Context): string {
  const buffer = new Uint8Array(16);
  context.host.sys.clockGettime(CLOCK_REALTIME, buffer);
  const view = new DataView(buffer.buffer);
  const seconds = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const nanoseconds = String(view.getUint32(8, true)).padStart(9, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${nanoseconds}Z`;
}

/** Milliseconds since some time that does not change, for intervals. */
export function monotonicMs(context: Context): number {
  const time = new BigInt64Array(2);
  context.host.sys.clockGettime(CLOCK_MONOTONIC, new Uint8Array(time.buffer));
  return Number(time[0]! * 1000n + time[1]! / 1_000_000n);
}
