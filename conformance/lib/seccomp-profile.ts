import { existsSync, readFileSync } from 'node:fs';

export interface SeccompRule {
  names: string[];
  action: string;
  errnoRet?: number;
  args?: { index: number; value: number | bigint; valueTwo?: number | bigint; op: string }[];
}

export interface Seccomp {
  defaultAction: string;
  defaultErrnoRet?: number;
  architectures?: string[];
  flags?: string[];
  listenerPath?: string;
  listenerMetadata?: string;
  syscalls?: SeccompRule[];
}

const folders = [
  '/usr/include/x86_64-linux-gnu/asm',
  '/usr/include/asm',
  '/usr/include/asm-generic',
];
const headers = ['unistd_64.h', 'unistd_32.h', 'unistd.h'];

/** Names with numbers of the system calls that this machine's headers know. */
export function systemCalls(header = headers): ReadonlyMap<string, number> {
  const found = folders.flatMap((folder) =>
    header.map((name) => `${folder}/${name}`).filter((path) => existsSync(path)),
  );
  const define = /^#define __NR_(\w+) (\d+)/gm;
  const texts = found.map((path) => readFileSync(path, 'utf8')).reverse();
  const pairs = texts.flatMap((text) => [...text.matchAll(define)]);
  return new Map(pairs.map(([, name = '', number]) => [name, Number(number)]));
}

/** What engines keep from containers that have no further capabilities. */
const kept = [
  ...['acct', 'add_key', 'bpf', 'chroot', 'clock_adjtime', 'clock_settime', 'clone', 'clone3'],
  ...['create_module', 'delete_module', 'finit_module', 'fsconfig', 'fsmount', 'fsopen', 'fspick'],
  ...['get_kernel_syms', 'init_module', 'ioperm', 'iopl', 'kcmp', 'kexec_file_load', 'kexec_load'],
  ...['keyctl', 'lookup_dcookie', 'mbind', 'mount', 'mount_setattr', 'move_mount', 'move_pages'],
  ...['nfsservctl', 'open_by_handle_at', 'open_tree', 'perf_event_open', 'personality'],
  ...['pivot_root', 'query_module', 'quotactl', 'quotactl_fd', 'reboot', 'request_key', 'setns'],
  ...['sethostname', 'setdomainname', 'settimeofday', 'socket', 'stime', 'swapoff', 'swapon'],
  ...['sysfs', 'syslog', '_sysctl', 'umount', 'umount2', 'unshare', 'uselib', 'userfaultfd'],
  ...['ustat', 'vm86', 'vm86old', 'vhangup', 'set_mempolicy', 'get_mempolicy', 'io_uring_setup'],
];

const NAMESPACES = 0x7e02_0000;
const ENOSYS = 38;
const AF_VSOCK = 40;
const personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** About what dockerd writes into config.json: some 400 names for three architectures. */
export function engineProfile(): Seccomp {
  const names = [...systemCalls().keys()].filter((name) => !kept.includes(name)).sort();
  const allow = (more: Partial<SeccompRule>): SeccompRule => ({
    names,
    action: 'SCMP_ACT_ALLOW',
    ...more,
  });
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    syscalls: [
      allow({}),
      allow({ names: ['socket'], args: [{ index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }] }),
      ...personalities.map((value) =>
        allow({ names: ['personality'], args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }] }),
      ),
      allow({
        names: ['clone'],
        args: [{ index: 0, value: NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      }),
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ],
  };
}
