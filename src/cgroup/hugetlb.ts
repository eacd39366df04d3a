import { RuntimeError } from '../errors/error.js';
import type { LinuxHugepageLimit } from '../generated/spec-types.js';
import type { Limit } from './rows.js';

/** It becomes part of a file's name. */
const SIZE = /^[1-9][0-9]*[KMG]B$/;

function sizeOf(pageSize: string, at: string): string {
  if (SIZE.test(pageSize)) return pageSize;
  const message = `huge page size ${JSON.stringify(pageSize)} is unknown`;
  throw new RuntimeError('invalid-config', message, {
    at: `/linux/resources/${at}/pageSize`,
    hint: 'a size such as 64KB, 2MB or 1GB',
  });
}

/**
 * config-linux.md#huge-page-limits: what may be reserved, where the kernel counts that, and what may
 * be used, which also catches pages that nobody has reserved.
 */
export const hugetlbLimits = (
  limits: readonly LinuxHugepageLimit[] = [],
  suffix: 'limit_in_bytes' | 'max',
): Limit[] =>
  limits.flatMap(({ pageSize, limit }, i) => {
    const at = `hugepageLimits/${i}`;
    const file = `hugetlb.${sizeOf(pageSize, at)}`;
    const value = String(limit);
    return [
      { at, file: `${file}.${suffix}`, value },
      { at, file: `${file}.rsvd.${suffix}`, value, mayLack: true },
    ];
  });
