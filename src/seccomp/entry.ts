import { INSTRUCTION } from './enosys.js';

/** A compiled filter and what there is to say about it. */
export interface Compiled {
  /** struct sock_filter, one after the other. */
  readonly program: Uint8Array;
  /** For the debug log, a line each. */
  readonly remarks: string;
}

/** What makes one filter of one text; another of these needs a new number. */
const FORMAT = 1;

/** All that the program depends on: the profile, who compiles it, and how. */
export const keyText = (profile: string, library: number): string =>
  `${FORMAT} ${library} ${profile}`;

export type Digest = (bytes: Uint8Array) => Uint8Array;

const DIGEST = 32;
const HEADER = DIGEST + 4;
/** Whatever is larger is compiled each time. */
export const LARGEST_ENTRY = 65_536;

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join('');

/** The digest of the key and of all that follows it in the file: no entry passes for another. */
function seal(key: Uint8Array, contents: Uint8Array, digest: Digest): Uint8Array {
  const whole = new Uint8Array(key.length + contents.length);
  whole.set(key);
  whole.set(contents, key.length);
  return digest(whole);
}

const count = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(DIGEST, true);

/** A file of the cache: digest, count of instructions, instructions, remarks. */
export function writeEntry(
  { program, remarks }: { readonly program: Uint8Array; readonly remarks: Uint8Array },
  key: Uint8Array,
  digest: Digest,
): Uint8Array {
  const bytes = new Uint8Array(HEADER + program.length + remarks.length);
  new DataView(bytes.buffer).setUint32(DIGEST, program.length / INSTRUCTION, true);
  bytes.set(program, HEADER);
  bytes.set(remarks, HEADER + program.length);
  bytes.set(seal(key, bytes.subarray(DIGEST), digest));
  return bytes;
}

/** Null unless every byte is as it was written. */
export function readEntry(
  bytes: Uint8Array,
  key: Uint8Array,
  digest: Digest,
): { readonly program: Uint8Array; readonly remarks: Uint8Array } | null {
  if (bytes.length < HEADER) return null;
  const expected = seal(key, bytes.subarray(DIGEST), digest);
  if (!expected.every((byte, i) => byte === bytes[i])) return null;
  const end = HEADER + INSTRUCTION * count(bytes);
  return { program: bytes.subarray(HEADER, end), remarks: bytes.subarray(end) };
}
