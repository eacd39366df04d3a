import type { Spec } from '../generated/spec-types.js';
import { sysctlPath } from '../spec/sysctl.js';
import { cleanPath } from './path.js';
import type { PathsPlan } from './plan.js';

const unique = (paths: readonly string[]): string[] => [...new Set(paths.map(cleanPath))];

/** config-linux.md#masked-paths, #readonly-paths, #sysctl. */
export const planPaths = (spec: Spec): PathsPlan => ({
  masked: unique(spec.linux?.maskedPaths ?? []),
  readonly: unique(spec.linux?.readonlyPaths ?? []),
  sysctls: Object.entries(spec.linux?.sysctl ?? {}).map(([key, value]) => ({
    // The rules have refused names that lead elsewhere.
    file: sysctlPath(key) ?? key,
    value,
    at: `/linux/sysctl/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  })),
});
