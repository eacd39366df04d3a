import { readFileSync } from 'node:fs';

/** Names with their numbers as a header of the kernel defines them: `#define CAP_KILL 5`. */
export function headerNumbers(header: string, prefix: string): ReadonlyMap<string, number> {
  const text = readFileSync(`/usr/include/${header}`, 'utf8');
  const definition = new RegExp(`^#\\s*define\\s+(${prefix}\\w+)\\s+(\\d+)\\b`, 'gm');
  return new Map([...text.matchAll(definition)].map(([, name, value]) => [name!, Number(value)]));
}
