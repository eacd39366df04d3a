/** What `max` is for programs that know 64-bit numbers alone. */
const MAX = 18446744073709551615n;

/** One number of a file; 0 for what is empty. */
export function integer(text: string): bigint {
  const trimmed = text.trim();
  if (trimmed === 'max') return MAX;
  return /^-?\d+$/.test(trimmed) ? BigInt(trimmed) : 0n;
}

export const integers = (text: string): bigint[] =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(integer);

/** Lines of a name and a number. */
export function table(text: string): ReadonlyMap<string, bigint> {
  const lines = text.split('\n').map((line) => line.split(' '));
  return new Map(lines.flatMap(([name = '', value]) => (value ? [[name, integer(value)]] : [])));
}

/** Go leaves out what is zero, where it is told to. */
export const some = (value: bigint): bigint | undefined => (value === 0n ? undefined : value);

export const someOf = <T>(list: readonly T[]): readonly T[] | undefined =>
  list.length === 0 ? undefined : list;
