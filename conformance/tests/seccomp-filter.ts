import type { Config } from '../lib/config.js';
import type { Seccomp, SeccompRule } from '../lib/seccomp-profile.js';

/** Numbers of system calls that take nothing but numbers, that change nothing; the probe uses the first two itself. */
const numbers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: { getpgid: 121, getsid: 124, getpriority: 140 },
  arm64: { getpgid: 155, getsid: 156, getpriority: 141 },
};

export const numberOf = (name: string): string => String(numbers[process.arch]?.[name] ?? -1);

/** The call that most filters are about. */
export const victim = 'getpriority';

export const filtering =
  (seccomp: Partial<Seccomp>) =>
  ({ linux }: Config): void => {
    linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', ...seccomp };
  };

/** A filter with one rule, about {@link victim}. */
export const ruling = (rule: Partial<SeccompRule>) =>
  filtering({ syscalls: [{ names: [victim], action: 'SCMP_ACT_ERRNO', ...rule }] });

const families = [
  ...[
    'access',
    'alarm',
    'arch_prctl',
    'bind',
    'brk',
    'capget',
    'capset',
    'chdir',
    'chmod',
    'chown',
  ],
  ...['chroot', 'clock_getres', 'clock_gettime', 'clock_nanosleep', 'clone', 'clone3', 'close'],
  ...[
    'close_range',
    'connect',
    'dup',
    'dup2',
    'dup3',
    'epoll_create',
    'epoll_create1',
    'epoll_ctl',
  ],
  ...['epoll_pwait', 'epoll_wait', 'eventfd2', 'execve', 'execveat', 'exit', 'exit_group'],
  ...['faccessat', 'faccessat2', 'fallocate', 'fchdir', 'fchmod', 'fchmodat', 'fchown', 'fchownat'],
  ...['fcntl', 'flock', 'fork', 'fstat', 'fstatfs', 'fsync', 'ftruncate', 'futex', 'getcwd'],
  ...['getdents', 'getdents64', 'getegid', 'geteuid', 'getgid', 'getgroups', 'get_mempolicy'],
  ...['getpgrp', 'getpid', 'getppid', 'getrandom', 'getresgid', 'getresuid', 'getrlimit'],
  ...['get_robust_list', 'getsockname', 'getsockopt', 'gettid', 'gettimeofday', 'getuid', 'ioctl'],
  ...[
    'ioprio_get',
    'keyctl',
    'kill',
    'lseek',
    'lstat',
    'madvise',
    'membarrier',
    'mkdir',
    'mkdirat',
  ],
  ...['mmap', 'mount', 'mprotect', 'mremap', 'munmap', 'nanosleep', 'newfstatat', 'open', 'openat'],
  ...['openat2', 'pause', 'personality', 'pipe', 'pipe2', 'poll', 'ppoll', 'prctl', 'pread64'],
  ...['prlimit64', 'pwrite64', 'read', 'readlink', 'readlinkat', 'readv', 'recvfrom', 'recvmsg'],
  ...['rename', 'restart_syscall', 'rseq', 'rt_sigaction', 'rt_sigprocmask', 'rt_sigreturn'],
  ...['sched_getaffinity', 'sched_getattr', 'sched_yield', 'seccomp', 'sendmsg', 'sendto'],
  ...['setgid', 'setgroups', 'setresgid', 'setresuid', 'setsid', 'setuid', 'set_robust_list'],
  ...['set_tid_address', 'sigaltstack', 'socket', 'socketpair', 'stat', 'statfs', 'statx'],
  ...['sysinfo', 'tgkill', 'umask', 'umount2', 'uname', 'unlink', 'unlinkat', 'vfork', 'wait4'],
  ...['waitid', 'write', 'writev'],
];

/** What runtimes and the probe need: for filters that forbid the rest. */
export const allowed: SeccompRule = {
  names: [...families, 'getsid', 'getpgid'].filter((name) => name !== victim),
  action: 'SCMP_ACT_ALLOW',
};
