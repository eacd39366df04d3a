import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** elf(5): where e_machine stands, and one machine that this is not. */
const machineOffset = 18;
const otherMachine = 243; // EM_RISCV

const busybox = '/bin/busybox';
/** Any program of Debian that wants the C library: the image has none. */
const dynamic = '/usr/bin/true';
const loader = '/lib64/ld-linux-x86-64.so.2';

/** Files that execve(2) refuses, each for another reason, in /odd. */
export function placeOddPrograms(rootfs: string): void {
  const folder = join(rootfs, 'odd');
  mkdirSync(folder);
  const place = (name: string, data: string | Buffer, mode = 0o755) => {
    writeFileSync(join(folder, name), data);
    chmodSync(join(folder, name), mode);
  };
  place('not-executable', '#!/bin/sh\necho never\n', 0o644);
  place('no-interpreter', '#!/usr/bin/perl\nprint "never"\n');
  place('crlf', '#!/bin/sh\r\necho never\r\n');
  place('no-shebang', 'echo never\n');
  place('empty', '');
  place('other-machine', forOtherMachine(readFileSync(busybox)));
  place('no-loader', withLoader('/lib64/ld-nowhere-x86.so.2'));
  place('no-library', readFileSync(dynamic));
  mkdirSync(join(rootfs, 'lib64'));
  writeFileSync(join(rootfs, loader), readFileSync(loader), { mode: 0o755 });
}

function forOtherMachine(program: Buffer): Buffer {
  const copy = Buffer.from(program);
  copy.writeUInt16LE(otherMachine, machineOffset);
  return copy;
}

function withLoader(other: string): Buffer {
  const copy = Buffer.from(readFileSync(dynamic));
  copy.write(other.padEnd(loader.length, '\0'), copy.indexOf(loader));
  return copy;
}
