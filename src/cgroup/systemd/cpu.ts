import type { LinuxCpu } from '../../generated/spec-types.js';
import { CPUS, MEMORY_NODES, maskOf, parseList } from '../../linux/cpu-list.js';
import { isSet } from '../values.js';
import { infinity, number, type Property } from './property.js';

/** The kernel's default of the period, in microseconds. */
const DEFAULT_PERIOD = 100_000n;
const SECOND = 1_000_000n;
/** systemd keeps whole percents. */
const PERCENT = SECOND / 100n;

/** Releases of systemd that brought a property. */
const PERIOD_SINCE = 242;
const CPUSET_SINCE = 244;

/** Rounded up, so that no group below gets less than the configuration promises. */
function perSecond(quota: bigint, period: bigint): bigint {
  const exact = (quota * SECOND) / period;
  return ((exact + PERCENT - 1n) / PERCENT) * PERCENT;
}

/** `quota` and `period` in microseconds; no quota is no limit. */
export function quotaProperties(quota: bigint, period: bigint | null, version: number): Property[] {
  const share = quota > 0n ? perSecond(quota, period ?? DEFAULT_PERIOD) : infinity();
  return [
    ...(period !== null && version >= PERIOD_SINCE ? [number('CPUQuotaPeriodUSec', period)] : []),
    number('CPUQuotaPerSecUSec', share),
  ];
}

export function cpuQuota({ quota, period }: LinuxCpu, version: number): Property[] {
  if (!isSet(quota) && !isSet(period)) return [];
  return quotaProperties(BigInt(quota ?? 0), isSet(period) ? BigInt(period) : null, version);
}

/** A list such as `0-3,7` as a mask, without zeros at its end. What is no list fails elsewhere. */
export function setProperty(
  name: 'AllowedCPUs' | 'AllowedMemoryNodes',
  list: string | undefined,
  version: number,
): Property[] {
  const size = name === 'AllowedCPUs' ? CPUS : MEMORY_NODES;
  const numbers = parseList(list ?? '', size) ?? [];
  if (numbers.length === 0 || version < CPUSET_SINCE) return [];
  const bytes = [...maskOf(numbers, size)].slice(0, (numbers.at(-1)! >> 3) + 1);
  return [[name, { signature: 'ay', value: bytes }]];
}
