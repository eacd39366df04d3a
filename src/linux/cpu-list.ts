/** Numbers of CPUs end below this in every kernel that can be configured: NR_CPUS of x86-64. */
export const CPUS = 8192;
/** The same for memory nodes: NODES_SHIFT is at most 10. */
export const MEMORY_NODES = 1024;

const item = /^(\d{1,9})(?:-(\d{1,9}))?$/;

function range(text: string, limit: number): readonly [first: number, last: number] | null {
  const [, start, end = start] = item.exec(text) ?? [];
  const [first, last] = [Number(start), Number(end)];
  return first <= last && last < limit ? [first, last] : null;
}

/**
 * Reads a list such as `0-3,7`: "List format" of cpuset(7). Spaces around an item and empty items
 * are nothing, as they are to the kernel. Null when it is no list, or names a number of `limit` or
 * more.
 */
export function parseList(text: string, limit: number): readonly number[] | null {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const trimmed = part.trim();
    if (trimmed === '') continue;
    const ends = range(trimmed, limit);
    if (ends === null) return null;
    for (let number = ends[0]; number <= ends[1]; number++) found.add(number);
  }
  return [...found].sort((a, b) => a - b);
}

/** Bit `n` of a mask of `size` bits is set for each number n, in the kernel's order of bytes. */
export function maskOf(numbers: readonly number[], size: number): Uint8Array {
  const mask = new Uint8Array(size / 8);
  for (const number of numbers) mask[number >> 3]! |= 1 << (number & 7);
  return mask;
}
