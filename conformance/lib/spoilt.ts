/** Files that execve(2) refuses, by what is wrong with them, and what has to be said of it. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Spoilt {
  readonly what: string;
  readonly bytes: Uint8Array | string;
  /** The words that engines know, then the cause. */
  readonly says: string;
  /** What podman and dockerd make of them: 126, 127, or neither. */
  readonly code?: 126 | 127;
}

const busybox = () => readFileSync('/bin/busybox').subarray(0, 4096);

/** An ELF file that needs a loader. */
const dynamic = () => readFileSync(process.execPath).subarray(0, 4096);

const changed = (bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
};

const notFound = { code: 127 } as const;
const denied = { code: 126 } as const;
const format = (cause: string) => ({ says: `exec format error: ${cause}` });
const missing = (cause: string) => ({ says: `no such file or directory: ${cause}`, ...notFound });

export const spoilt = (): readonly Spoilt[] => [
  { what: 'an empty file', bytes: '', ...format('the file is empty') },
  { what: 'no known format', bytes: '\x00\x01\x02\x03', ...format('it begins neither as an ELF') },
  { what: 'a script without #!', bytes: 'echo hi\n', ...format('it looks like a script, but') },
  { what: 'nothing after #!', bytes: '#!\n', ...format('it names no interpreter after #!') },
  {
    what: 'a missing interpreter',
    bytes: '#!/no/such -e\n',
    ...missing('its interpreter "/no/such", named after #!, is missing in the container'),
  },
  {
    what: 'lines that end in CRLF',
    bytes: '#!/bin/sh\r\necho\r\n',
    ...missing(
      'its first line ends in CRLF, so that the CR is a part of the name: its interpreter',
    ),
  },
  {
    what: 'an interpreter that nobody may execute',
    bytes: '#!/etc/passwd\n',
    says: 'permission denied: its interpreter "/etc/passwd", named after #!, cannot be executed',
    ...denied,
  },
  {
    what: 'an interpreter that is a directory',
    bytes: '#!/etc\n',
    says: 'permission denied: its interpreter "/etc", named after #!, cannot be executed: it is no',
    ...denied,
  },
  {
    what: 'itself as its interpreter',
    bytes: '#!/bin/spoilt\n',
    says: 'too many levels of symbolic links: its interpreter "/bin/spoilt", named after #!,',
  },
  {
    what: 'a program for another machine',
    bytes: changed(busybox(), 18, 183, 0),
    ...format('it is a program for aarch64 (64 bits, little-endian), and this machine is x86_64'),
  },
  {
    what: 'a program of another word size',
    bytes: changed(changed(busybox(), 18, 40, 0), 4, 1),
    ...format('it is a program for arm (32 bits, little-endian), and this machine is x86_64'),
  },
  {
    what: 'an ELF file that is no program',
    bytes: changed(busybox(), 16, 1, 0),
    ...format('it is an ELF file, but no program'),
  },
  {
    what: 'a damaged program',
    bytes: changed(busybox(), 56, 0, 0),
    ...format('it is a damaged ELF file'),
  },
  {
    what: 'a missing loader',
    bytes: dynamic(),
    ...missing('its ELF interpreter (loader) "/lib64/ld-linux-x86-64.so.2" is missing'),
  },
];

/** Into a root file system, as /bin/spoilt. */
export function placeSpoilt(rootfs: string, bytes: Uint8Array | string, mode = 0o755): void {
  const path = join(rootfs, 'bin/spoilt');
  writeFileSync(path, bytes, 'latin1');
  chmodSync(path, mode);
}

/** Podman's way from words to exit codes; dockerd's differs in words that nothing here uses. */
export function codeOf(text: string): 126 | 127 | undefined {
  const lower = text.toLowerCase();
  if (/permission denied|operation not permitted/.test(lower)) return 126;
  return /executable file not found in|no such file or directory|open executable/.test(lower)
    ? 127
    : undefined;
}
