import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup/paths.js';

/**
 * The static executable is linked with musl: glibc's start-up asks the processor about itself with
 * dozens of cpuid instructions, each of which leaves a virtual machine. That was 0.4 ms of the
 * 0.5 ms that an empty static program took (docs/performance.md).
 */
export const staticCompiler = 'musl-gcc';

const output = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { encoding: 'utf8' }).trim();

/** Where Debian keeps what depends on the processor; elsewhere it is with the rest. */
function kernelHeaders(name: string): string {
  const triplet = output('cc', ['-print-multiarch']);
  const places = [`/usr/include/${triplet}/${name}`, `/usr/include/${name}`];
  return places.find(existsSync) ?? `/usr/include/${name}`;
}

/** A folder with the kernel's headers and libseccomp's, without the other C library's. */
export function headersBesideMusl(): string {
  const folder = join(root, 'build/include');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['linux', 'asm', 'asm-generic', 'seccomp.h', 'seccomp-syscalls.h'])
    symlinkSync(kernelHeaders(name), join(folder, name));
  return folder;
}

export const staticSeccomp = (): string => output('cc', ['-print-file-name=libseccomp.a']);
