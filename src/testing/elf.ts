import { readFileSync } from 'node:fs';

export interface Elf {
  /** p_type of each program header, elf(5). */
  readonly segments: readonly number[];
  /** sh_type of each section header. */
  readonly sections: readonly number[];
  readonly bytes: Buffer;
}

export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;
export const SHT_SYMTAB = 2;
const SHT_NULL = 0;

/** The headers of a 64-bit little-endian executable. */
export function readElf(path: string): Elf {
  const bytes = readFileSync(path);
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2) throw new Error(`${path} is no ELF`);
  const table = (offset: number, size: number, count: number, field: number) =>
    Array.from({ length: count }, (_, i) => bytes.readUInt32LE(offset + i * size + field));
  const segments = table(
    Number(bytes.readBigUInt64LE(32)),
    bytes.readUInt16LE(54),
    bytes.readUInt16LE(56),
    0,
  );
  const sections = table(
    Number(bytes.readBigUInt64LE(40)),
    bytes.readUInt16LE(58),
    bytes.readUInt16LE(60),
    4,
  );
  return { segments, sections: sections.filter((type) => type !== SHT_NULL), bytes };
}
