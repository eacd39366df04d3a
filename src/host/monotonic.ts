import { CLOCK_MONOTONIC } from '../linux/constants.js';
import type { Context } from './host.js';

/** Milliseconds of a clock that nobody sets, clock_gettime(2). */
export function monotonicMs(context: Context): number {
  const buffer = new BigInt64Array(2);
  context.host.sys.clockGettime(CLOCK_MONOTONIC, new Uint8Array(buffer.buffer));
  return Number(buffer[0]!) * 1000 + Math.floor(Number(buffer[1]!) / 1e6);
}
