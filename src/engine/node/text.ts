/** The Node half of native/text.c: bytes that are not UTF-8 as lone surrogates U+DC80…U+DCFF. */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Length of the well-formed sequence at `at`, 0 if there is none. */
function sequence(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      strict.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // Not a whole character yet: a longer piece may be one.
    }
  }
  return 0;
}

function decodeLossless(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequence(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + bytes[at]!)
        : strict.decode(bytes.subarray(at, at + length));
    at += Math.max(length, 1);
  }
  return text;
}

export function decode(all: Uint8Array, start = 0, end = all.length): string {
  const bytes = all.subarray(start, end);
  try {
    return strict.decode(bytes);
  } catch {
    return decodeLossless(bytes);
  }
}

const isRaw = (unit: number) => unit >= 0xdc80 && unit <= 0xdcff;

export function encode(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = [...text].map((character) => {
    const unit = character.charCodeAt(0);
    return character.length === 1 && isRaw(unit)
      ? Buffer.from([unit & 0xff])
      : Buffer.from(character);
  });
  return Buffer.concat(parts);
}
