import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isStaticProgram } from './elf.js';
import { findProgram } from './paths.js';

/** Something that must be on the machine, found by looking for itself and not for its package. */
export interface Requirement {
  readonly what: string;
  /** Debian's package that brings it. */
  readonly package: string;
  readonly isPresent: () => boolean;
}

export type SetName = 'build' | 'demo' | 'test' | 'bench' | 'machines' | 'vm' | 'engines';

export interface RequirementSet {
  readonly needed: readonly Requirement[];
  /** Tests that want one of these skip without it, and say so. */
  readonly optional: readonly Requirement[];
}

const compiler = program('gcc', 'gcc');
const busybox: Requirement = {
  what: 'a static busybox',
  package: 'busybox-static',
  isPresent: () => findBusybox() !== undefined,
};
const rivals = [program('runc', 'runc'), program('crun', 'crun')];
const debootstrap = program('debootstrap', 'debootstrap');
const address = program('ip', 'iproute2');

export const requirementSets: Record<SetName, RequirementSet> = {
  build: {
    needed: [
      compiler,
      file('/usr/include/stdio.h', 'libc6-dev'),
      program('musl-gcc', 'musl-tools'),
      file('/usr/include/seccomp.h', 'libseccomp-dev'),
      library('libseccomp.a', 'libseccomp-dev'),
      program('tar', 'tar'),
      program('xz', 'xz-utils'),
    ],
    optional: [],
  },
  demo: { needed: [busybox], optional: [] },
  test: {
    needed: [busybox],
    optional: [
      ...rivals,
      address,
      program('strace', 'strace'),
      program('newuidmap', 'uidmap'),
      program('dbus-daemon', 'dbus-daemon'),
    ],
  },
  bench: { needed: [busybox], optional: [...rivals, program('hyperfine', 'hyperfine')] },
  machines: { needed: [debootstrap], optional: [] },
  engines: {
    needed: [
      busybox,
      program('runc', 'runc'),
      program('containerd', 'containerd'),
      program('ctr', 'containerd'),
      program('dockerd', 'docker.io'),
      // Another client that stands first in PATH may speak another language.
      file('/usr/bin/docker', 'docker.io'),
      program('docker-init', 'docker.io'),
      program('podman', 'podman'),
      program('conmon', 'conmon'),
      program('newuidmap', 'uidmap'),
    ],
    optional: [],
  },
  vm: {
    needed: [
      debootstrap,
      program('mke2fs', 'e2fsprogs'),
      program('qemu-system-x86_64', 'qemu-system-x86'),
    ],
    optional: [],
  },
};

/** A dynamic one would not start in an empty root file system. */
export function findBusybox(): string | undefined {
  const names = ['busybox', 'busybox.static', 'busybox-static'];
  return names.flatMap((name) => findProgram(name) ?? []).find(isStaticProgram);
}

function program(name: string, owner: string): Requirement {
  return {
    what: `the program ${name}`,
    package: owner,
    isPresent: () => findProgram(name) !== undefined,
  };
}

function file(path: string, owner: string): Requirement {
  return { what: path, package: owner, isPresent: () => existsSync(path) };
}

/** Only the compiler knows its search path; it answers with a bare name when there is no such file. */
function library(name: string, owner: string): Requirement {
  const isPresent = () => {
    try {
      return isAbsolute(execFileSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }));
    } catch {
      return false;
    }
  };
  return { what: `${name} (to link statically)`, package: owner, isPresent };
}
