import type { RlimitPlan } from './plan.js';

/** struct rlimit64, getrlimit(2). */
export const rlimitBytes = ({ soft, hard }: RlimitPlan): Uint8Array =>
  new Uint8Array(new BigUint64Array([BigInt(soft), BigInt(hard)]).buffer);
