/**
 * THE table of native functions: the only way from TypeScript into the kernel.
 *
 * `native/generate.ts` makes the C prototypes, the system call bodies, the QuickJS glue and the
 * koffi signatures from it; {@link Natives} gives callers the types. Every function answers one
 * integer: zero or more on success, the negated errno(3) on failure.
 */

/** How one argument crosses the seam. Lengths are always arguments of their own. */
export type ArgumentType =
  /** A file descriptor, or a special value such as AT_FDCWD. */
  | 'fd'
  /** A signed 32-bit integer. */
  | 'int'
  /** An unsigned 64-bit integer: flags, sizes, addresses that the kernel never follows. */
  | 'u64'
  /** A path or name; lone surrogates U+DC80…U+DCFF stand for raw bytes (src/linux/text.ts). */
  | 'cstr'
  /** The same, or null for a NULL pointer. */
  | 'cstr?'
  /** Bytes that the callee reads, or null. */
  | 'in'
  /** Bytes that the callee writes, or null. */
  | 'out';

export type Arguments = readonly (readonly [name: string, type: ArgumentType])[];

export interface NativeRow<A extends Arguments = Arguments> {
  /** `sys`: the body is one system call; `c`: written by hand in native/. */
  readonly kind: 'sys' | 'c';
  /** Name of the system call when it differs from the row's. */
  readonly call?: string;
  readonly args: A;
}

const sys = <const A extends Arguments>(...args: A): NativeRow<A> => ({ kind: 'sys', args });
const named = <const A extends Arguments>(call: string, ...args: A): NativeRow<A> => ({
  kind: 'sys',
  call,
  args,
});
const c = <const A extends Arguments>(...args: A): NativeRow<A> => ({ kind: 'c', args });

export const natives = {
  // Files
  openat2: sys(['dir', 'fd'], ['path', 'cstr'], ['how', 'in'], ['size', 'u64']),
  close: sys(['fd', 'fd']),
  closeRange: named('close_range', ['first', 'u64'], ['last', 'u64'], ['flags', 'u64']),
  read: sys(['fd', 'fd'], ['buffer', 'out'], ['length', 'u64']),
  write: sys(['fd', 'fd'], ['data', 'in'], ['length', 'u64']),
  statx: sys(['dir', 'fd'], ['path', 'cstr'], ['flags', 'int'], ['mask', 'u64'], ['buffer', 'out']),
  fstatfs: sys(['fd', 'fd'], ['buffer', 'out']),
  getdents64: sys(['fd', 'fd'], ['buffer', 'out'], ['length', 'u64']),
  readlinkat: sys(['dir', 'fd'], ['path', 'cstr'], ['buffer', 'out'], ['length', 'u64']),
  mkdirat: sys(['dir', 'fd'], ['path', 'cstr'], ['mode', 'int']),
  mknodat: sys(['dir', 'fd'], ['path', 'cstr'], ['mode', 'int'], ['device', 'u64']),
  symlinkat: sys(['target', 'cstr'], ['dir', 'fd'], ['path', 'cstr']),
  unlinkat: sys(['dir', 'fd'], ['path', 'cstr'], ['flags', 'int']),
  renameat2: sys(
    ['oldDir', 'fd'],
    ['oldPath', 'cstr'],
    ['newDir', 'fd'],
    ['newPath', 'cstr'],
    ['flags', 'u64'],
  ),
  fchmod: sys(['fd', 'fd'], ['mode', 'int']),
  fchownat: sys(['dir', 'fd'], ['path', 'cstr'], ['uid', 'u64'], ['gid', 'u64'], ['flags', 'int']),
  faccessat2: sys(['dir', 'fd'], ['path', 'cstr'], ['mode', 'int'], ['flags', 'int']),
  ftruncate: sys(['fd', 'fd'], ['length', 'u64']),
  sendfile: sys(['to', 'fd'], ['from', 'fd'], ['offset', 'out'], ['length', 'u64']),
  utimensat: sys(['dir', 'fd'], ['path', 'cstr'], ['times', 'in'], ['flags', 'int']),
  flistxattr: sys(['fd', 'fd'], ['names', 'out'], ['length', 'u64']),
  fgetxattr: sys(['fd', 'fd'], ['name', 'cstr'], ['value', 'out'], ['length', 'u64']),
  fsetxattr: sys(
    ['fd', 'fd'],
    ['name', 'cstr'],
    ['value', 'in'],
    ['length', 'u64'],
    ['flags', 'int'],
  ),
  lseek: sys(['fd', 'fd'], ['offset', 'u64'], ['whence', 'int']),
  flock: sys(['fd', 'fd'], ['operation', 'int']),
  fcntl: sys(['fd', 'fd'], ['command', 'int'], ['argument', 'u64']),
  dup3: sys(['old', 'fd'], ['new', 'fd'], ['flags', 'int']),
  pipe2: sys(['fds', 'out'], ['flags', 'int']),
  memfdCreate: named('memfd_create', ['name', 'cstr'], ['flags', 'u64']),
  ioctl: sys(['fd', 'fd'], ['request', 'u64'], ['argument', 'out']),
  /** Of requests whose argument is a number and no address. */
  ioctlValue: named('ioctl', ['fd', 'fd'], ['request', 'u64'], ['argument', 'u64']),
  umask: sys(['mask', 'int']),
  chdir: sys(['path', 'cstr']),
  fchdir: sys(['fd', 'fd']),
  getcwd: sys(['buffer', 'out'], ['length', 'u64']),

  // Mounts
  fsopen: sys(['type', 'cstr'], ['flags', 'u64']),
  fsconfig: sys(
    ['fd', 'fd'],
    ['command', 'u64'],
    ['key', 'cstr?'],
    ['value', 'cstr?'],
    ['aux', 'int'],
  ),
  fspick: sys(['dir', 'fd'], ['path', 'cstr'], ['flags', 'u64']),
  fsmount: sys(['fd', 'fd'], ['flags', 'u64'], ['attributes', 'u64']),
  openTree: named('open_tree', ['dir', 'fd'], ['path', 'cstr'], ['flags', 'u64']),
  moveMount: named(
    'move_mount',
    ['fromDir', 'fd'],
    ['fromPath', 'cstr'],
    ['toDir', 'fd'],
    ['toPath', 'cstr'],
    ['flags', 'u64'],
  ),
  mountSetattr: named(
    'mount_setattr',
    ['dir', 'fd'],
    ['path', 'cstr'],
    ['flags', 'u64'],
    ['attributes', 'in'],
    ['size', 'u64'],
  ),
  pivotRoot: named('pivot_root', ['newRoot', 'cstr'], ['putOld', 'cstr']),
  chroot: sys(['path', 'cstr']),
  umount2: sys(['target', 'cstr'], ['flags', 'int']),

  // Processes
  getpid: sys(),
  getppid: sys(),
  geteuid: sys(),
  getegid: sys(),
  setsid: sys(),
  kill: sys(['pid', 'int'], ['signal', 'int']),
  pidfdOpen: named('pidfd_open', ['pid', 'int'], ['flags', 'u64']),
  pidfdSendSignal: named(
    'pidfd_send_signal',
    ['fd', 'fd'],
    ['signal', 'int'],
    ['info', 'in'],
    ['flags', 'u64'],
  ),
  wait4: sys(['pid', 'int'], ['status', 'out'], ['options', 'int'], ['usage', 'out']),
  prctl: sys(['option', 'int'], ['a', 'u64'], ['b', 'u64'], ['c', 'u64'], ['d', 'u64']),
  prlimit64: sys(['pid', 'int'], ['resource', 'int'], ['limit', 'in'], ['old', 'out']),
  schedSetaffinity: named('sched_setaffinity', ['pid', 'int'], ['size', 'u64'], ['mask', 'in']),
  schedGetaffinity: named('sched_getaffinity', ['pid', 'int'], ['size', 'u64'], ['mask', 'out']),
  schedSetattr: named('sched_setattr', ['pid', 'int'], ['attributes', 'in'], ['flags', 'u64']),
  ioprioSet: named('ioprio_set', ['which', 'int'], ['who', 'int'], ['priority', 'int']),
  personality: sys(['persona', 'u64']),
  setMempolicy: named('set_mempolicy', ['mode', 'int'], ['nodes', 'in'], ['count', 'u64']),
  unshare: sys(['flags', 'u64']),
  setns: sys(['fd', 'fd'], ['type', 'u64']),
  sethostname: sys(['name', 'cstr'], ['length', 'u64']),
  setdomainname: sys(['name', 'cstr'], ['length', 'u64']),
  joinSessionKeyring: named('keyctl', ['operation', 'int'], ['name', 'cstr?']),
  keyctl: sys(['operation', 'int'], ['a', 'u64'], ['b', 'u64'], ['c', 'u64']),
  setgroups: sys(['count', 'u64'], ['groups', 'in']),
  setresgid: sys(['real', 'u64'], ['effective', 'u64'], ['saved', 'u64']),
  setresuid: sys(['real', 'u64'], ['effective', 'u64'], ['saved', 'u64']),
  capset: sys(['header', 'in'], ['data', 'in']),
  capget: sys(['header', 'in'], ['data', 'out']),
  seccomp: sys(['operation', 'u64'], ['flags', 'u64'], ['argument', 'in']),
  execve: sys(['path', 'cstr'], ['argv', 'in'], ['envp', 'in']),
  exit: named('exit_group', ['status', 'int']),

  // Machine
  uname: sys(['buffer', 'out']),
  clockGettime: named('clock_gettime', ['clock', 'int'], ['buffer', 'out']),
  bpf: sys(['command', 'int'], ['attributes', 'in'], ['size', 'u64']),

  // Sockets and waiting
  socket: sys(['family', 'int'], ['type', 'int'], ['protocol', 'int']),
  socketpair: sys(['family', 'int'], ['type', 'int'], ['protocol', 'int'], ['fds', 'out']),
  bind: sys(['fd', 'fd'], ['address', 'in'], ['length', 'u64']),
  listen: sys(['fd', 'fd'], ['backlog', 'int']),
  connect: sys(['fd', 'fd'], ['address', 'in'], ['length', 'u64']),
  eventfd2: sys(['count', 'u64'], ['flags', 'int']),
  ppoll: sys(
    ['fds', 'out'],
    ['count', 'u64'],
    ['timeout', 'in'],
    ['mask', 'in'],
    ['maskSize', 'u64'],
  ),

  /**
   * Sends one message with descriptors (SCM_RIGHTS, unix(7)).
   * `fds` holds `count` 32-bit descriptors.
   */
  sendFds: c(['socket', 'fd'], ['data', 'in'], ['length', 'u64'], ['fds', 'in'], ['count', 'u64']),
  /**
   * Receives one message; answers its length. `fds` is filled with a 32-bit count, then that many
   * close-on-exec descriptors, at most `count` of them. EMSGSIZE when data or descriptors were cut.
   */
  recvFds: c(
    ['socket', 'fd'],
    ['data', 'out'],
    ['length', 'u64'],
    ['fds', 'out'],
    ['count', 'u64'],
  ),
  /**
   * clone3(2) with `flags` (into the cgroup `cgroup` unless it is -1), then runs the batch
   * `program` in the child. Answers the pid in the parent. In the child it answers 0 when the
   * batch ran to its end; a failing batch reports on `channel` and exits.
   */
  launch: c(
    ['flags', 'u64'],
    ['cgroup', 'fd'],
    ['channel', 'fd'],
    ['program', 'in'],
    ['length', 'u64'],
  ),
  /**
   * Runs the batch `program` to the execve(2) at its end; never returns. The engine's memory is
   * given back first, so a process that waits in the batch stays small.
   */
  finish: c(['channel', 'fd'], ['program', 'in'], ['length', 'u64']),
  /**
   * Runs the batch `program`, which ends in execve(2), in a child with its own process group and
   * waits for it: `size` bytes of input, at most `timeout` milliseconds unless that is negative.
   * `report` is a struct rn_report (linux/program.ts).
   */
  runProgram: c(
    ['program', 'in'],
    ['length', 'u64'],
    ['input', 'in'],
    ['size', 'u64'],
    ['report', 'out'],
    ['timeout', 'int'],
  ),
  /**
   * Installs handlers that write each signal's number as one byte into a pipe; answers the pipe's
   * reading end (close-on-exec, non-blocking). `numbers` holds `count` bytes.
   */
  watchSignals: c(['numbers', 'in'], ['count', 'u64']),
  /**
   * BPF_PROG_LOAD of a device filter, bpf(2): `count` instructions of 8 bytes. Answers the program's
   * close-on-exec descriptor.
   */
  loadDeviceFilter: c(['instructions', 'in'], ['count', 'u64']),
  /**
   * BPF_PROG_QUERY, bpf(2): ids, of four bytes each, of the device filters that a cgroup has itself,
   * at most `count`. Answers how many there are.
   */
  deviceFilters: c(['cgroup', 'fd'], ['ids', 'out'], ['count', 'u64']),
  /**
   * Drops every capability from the bounding set but those whose bits are set in `low` and `high`,
   * also the ones that this program does not know yet.
   */
  dropBounding: c(['low', 'u64'], ['high', 'u64']),
  /**
   * Makes a filter of system calls from a description and writes its instructions to `fd`. Both
   * structures are those of src/seccomp/describe.ts.
   */
  compileSeccomp: c(
    ['description', 'in'],
    ['length', 'u64'],
    ['report', 'out'],
    ['size', 'u64'],
    ['fd', 'fd'],
  ),
  /** SHA-256 of the data: 32 bytes, which `size` has to say. */
  sha256: c(['data', 'in'], ['length', 'u64'], ['digest', 'out'], ['size', 'u64']),
  /** Version of the linked libseccomp as major·2^16 + minor·2^8 + micro. */
  seccompVersion: c(),
} as const satisfies Record<string, NativeRow>;

export type NativeName = keyof typeof natives;

interface ArgumentValues {
  fd: number;
  int: number;
  u64: number | bigint;
  cstr: string;
  'cstr?': string | null;
  in: Uint8Array | null;
  out: Uint8Array | null;
}

type Values<A extends Arguments> = {
  -readonly [I in keyof A]: A[I] extends readonly [string, infer T extends ArgumentType]
    ? ArgumentValues[T]
    : never;
};

/** One function per row; each answers the raw result. */
export type Natives = {
  readonly [N in NativeName]: (...args: Values<(typeof natives)[N]['args']>) => number;
};
