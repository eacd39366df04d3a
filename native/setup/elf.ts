import { closeSync, openSync, readSync } from 'node:fs';

const programInterpreter = 3;

/** elf(5): a program that the kernel can start by itself has no PT_INTERP header. */
export function isStaticProgram(path: string): boolean {
  const head = readHead(path);
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return false;
  const is64 = head[4] === 2;
  const offset = is64 ? Number(head.readBigUInt64LE(32)) : head.readUInt32LE(28);
  const size = head.readUInt16LE(is64 ? 54 : 42);
  const count = head.readUInt16LE(is64 ? 56 : 44);
  const types = Array.from({ length: count }, (_, index) => offset + index * size)
    .filter((at) => at + 4 <= head.length)
    .map((at) => head.readUInt32LE(at));
  return types.length === count && !types.includes(programInterpreter);
}

function readHead(path: string): Buffer {
  const head = Buffer.alloc(4096);
  const fd = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(fd, head, 0, head.length, 0));
  } finally {
    closeSync(fd);
  }
}
