import type { Context } from './host.js';

/** struct utsname, uname(2): fields of 65 bytes; the third is the release. */
const FIELD = 65;

/** Major and minor, uname(2). */
export function kernelVersion(context: Context): readonly [number, number] {
  const buffer = new Uint8Array(6 * FIELD);
  context.host.sys.uname(buffer);
  const release = context.host.engine.decode(buffer.subarray(2 * FIELD, 3 * FIELD));
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return [major, minor];
}
