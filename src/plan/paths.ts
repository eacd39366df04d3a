import type { Spec } from '../generated/spec-types.js';
import { cleanPath } from './path.js';
import type { PathsPlan } from './plan.js';

const unique = (paths: readonly string[]): string[] => [...new Set(paths.map(cleanPath))];

/**
 * sysctl(8) allows both `net.ipv4.conf.eth0/1.x` and `net/ipv4/conf/eth0.1/x`: whichever of `.`
 * and `/` comes first separates, the other one belongs to a name.
 */
export function sysctlFile(key: string): string {
  const slash = key.indexOf('/');
  const dot = key.indexOf('.');
  if (slash >= 0 && (dot < 0 || slash < dot)) return key;
  return key.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.'));
}

/** config-linux.md#masked-paths, #readonly-paths, #sysctl. */
export const planPaths = (spec: Spec): PathsPlan => ({
  masked: unique(spec.linux?.maskedPaths ?? []),
  readonly: unique(spec.linux?.readonlyPaths ?? []),
  sysctls: Object.entries(spec.linux?.sysctl ?? {}).map(([key, value]) => ({
    file: sysctlFile(key),
    value,
    at: `/linux/sysctl/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  })),
});
