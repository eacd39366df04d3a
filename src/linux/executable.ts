/** How a program begins: what load_script and load_elf_binary of the kernel look at, elf(5). */

/** BINPRM_BUF_SIZE: all of a script that the kernel reads. */
export const HEADER_SIZE = 256;

export interface ElfHeader {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** ET_…, elf(5). */
  readonly type: number;
  /** EM_…, as people call it. */
  readonly machine: string;
  /** Where its program headers are, and how many. */
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

export type Header =
  | { readonly kind: 'empty' }
  | { readonly kind: 'script'; readonly interpreter: string; readonly whole: boolean }
  | ({ readonly kind: 'elf' } & ElfHeader)
  | { readonly kind: 'damaged elf' }
  /** Looks like a script, and does not say whose. */
  | { readonly kind: 'text' }
  | { readonly kind: 'unknown' };

/** EM_… of elf.h, with what uname(2) says of a machine that runs it. */
const machines: Readonly<Record<number, string>> = {
  3: 'i386',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv',
  258: 'loongarch',
};

/** Printable, or white space. */
const isText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x09 && byte <= 0x0d));

/** The name ends at a blank, at the end of the line or at a zero byte. */
function scriptOf(bytes: Uint8Array, decode: (bytes: Uint8Array) => string): Header {
  const line = /^#![ \t]*([^ \t\n\0]*)([ \t\n\0]?)/.exec(decode(bytes));
  const [, interpreter = '', after = ''] = line ?? [];
  const whole = after !== '' || bytes.length < HEADER_SIZE;
  return { kind: 'script', interpreter, whole };
}

function elfOf(bytes: Uint8Array): Header {
  const [bits, littleEndian] = [bytes[4] === 2 ? 64 : 32, bytes[5] !== 2] as const;
  if (bytes.length < (bits === 64 ? 64 : 52)) return { kind: 'damaged elf' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const half = (at: number) => view.getUint16(at, littleEndian);
  const number = half(18);
  const wide = bits === 64;
  return {
    kind: 'elf',
    ...{ bits, littleEndian, type: half(16) },
    machine: machines[number] ?? `machine ${number}`,
    offset: wide ? Number(view.getBigUint64(32, littleEndian)) : view.getUint32(28, littleEndian),
    size: half(wide ? 54 : 42),
    count: half(wide ? 56 : 44),
  };
}

const begins = (bytes: Uint8Array, ...magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

/** The first bytes of a file, at most {@link HEADER_SIZE}. */
export function parseHeader(bytes: Uint8Array, decode: (bytes: Uint8Array) => string): Header {
  if (bytes.length === 0) return { kind: 'empty' };
  if (begins(bytes, 0x23, 0x21)) return scriptOf(bytes, decode);
  if (begins(bytes, 0x7f, 0x45, 0x4c, 0x46)) return elfOf(bytes);
  return { kind: isText(bytes) ? 'text' : 'unknown' };
}

/** ET_EXEC and ET_DYN. */
export const isProgram = ({ type }: ElfHeader): boolean => type === 2 || type === 3;

const PT_INTERP = 3;

/** Where in the file the name of the ELF interpreter stands; null when there is none. */
export function findInterpreter(
  { bits, littleEndian, size }: ElfHeader,
  table: Uint8Array,
): { readonly offset: number; readonly length: number } | null {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const wide = bits === 64;
  if (size < (wide ? 56 : 32)) return null;
  for (let at = 0; at + size <= table.length; at += size) {
    if (view.getUint32(at, littleEndian) !== PT_INTERP) continue;
    const word = (offset: number) =>
      wide
        ? Number(view.getBigUint64(at + 2 * offset, littleEndian))
        : view.getUint32(at + offset, littleEndian);
    // p_offset and p_filesz: at 4 and 16 of 32 bits, at 8 and 32 of 64.
    return { offset: word(4), length: word(16) };
  }
  return null;
}
