import { describe, expect, it, test } from 'vitest';
import { AT_FDCWD, O_PATH } from '../../linux/constants.js';
import { errno } from '../../linux/errno.js';
import { type NativeName, type NativeRow, type Natives, natives } from '../../linux/natives.js';
import { describeAsRoot } from '../../testing/as-root.js';
import { loadNatives } from './natives.js';
import { prototypeOf } from './prototypes.js';

const { natives: native, later } = loadNatives();

const NOBODY = 0x7fff_ffff;
const none = '/no-such-directory';
const buffer = new Uint8Array(4096);
const how = new Uint8Array(24);
const readOnly = new Uint8Array(new Uint32Array([1, 0, 0, 0, 0, 0, 0, 0]).buffer);
const now = new Uint8Array(16);
const UNCHANGED = 0xffff_ffff;
const SEEK_END = 2;

type Answers = {
  readonly [N in NativeName]?: readonly [args: Parameters<Natives[N]>, answer: number];
};

/** One call of each native that changes nothing, and what the kernel answers. */
const answers: Answers = {
  openat2: [[-1, 'x', how, 24], -errno.EBADF],
  close: [[-1], -errno.EBADF],
  closeRange: [[10, 5, 0], -errno.EINVAL],
  read: [[-1, buffer, 1], -errno.EBADF],
  write: [[-1, buffer, 1], -errno.EBADF],
  statx: [[-1, 'x', 0, 0, buffer], -errno.EBADF],
  fstatfs: [[-1, buffer], -errno.EBADF],
  getdents64: [[-1, buffer, buffer.length], -errno.EBADF],
  readlinkat: [[-1, 'x', buffer, buffer.length], -errno.EBADF],
  mkdirat: [[-1, 'x', 0o700], -errno.EBADF],
  mknodat: [[-1, 'x', 0o010600, 0], -errno.EBADF],
  symlinkat: [['x', -1, 'y'], -errno.EBADF],
  unlinkat: [[-1, 'x', 0], -errno.EBADF],
  renameat2: [[-1, 'x', -1, 'y', 0], -errno.EBADF],
  fchmod: [[-1, 0o600], -errno.EBADF],
  fchownat: [[-1, 'x', UNCHANGED, UNCHANGED, 0], -errno.EBADF],
  faccessat2: [[-1, 'x', 0, 0], -errno.EBADF],
  ftruncate: [[-1, 0], -errno.EBADF],
  sendfile: [[-1, -1, null, 1], -errno.EBADF],
  utimensat: [[-1, 'x', null, 0], -errno.EBADF],
  flistxattr: [[-1, buffer, 1], -errno.EBADF],
  fgetxattr: [[-1, 'x', buffer, 1], -errno.EBADF],
  fsetxattr: [[-1, 'x', buffer, 1, 0], -errno.EBADF],
  lseek: [[-1, 0, 0], -errno.EBADF],
  flock: [[-1, 1], -errno.EBADF],
  fcntl: [[-1, 1, 0], -errno.EBADF],
  dup3: [[1, 1, 0], -errno.EINVAL],
  pipe2: [[buffer, 1], -errno.EINVAL],
  memfdCreate: [['x', 0x8000_0000], -errno.EINVAL],
  ioctl: [[-1, 0, null], -errno.EBADF],
  eventfd2: [[0, 2], -errno.EINVAL],
  ioctlValue: [[-1, 0, 0], -errno.EBADF],
  chdir: [[none], -errno.ENOENT],
  fchdir: [[-1], -errno.EBADF],
  getcwd: [[buffer, 1], -errno.ERANGE],
  fsopen: [['no-such-file-system', 0], -errno.ENODEV],
  fsconfig: [[-1, 6, null, null, 0], -errno.EINVAL],
  fspick: [[-1, 'x', 0], -errno.EBADF],
  fsmount: [[-1, 1, 0], -errno.EBADF],
  openTree: [[-1, 'x', 0], -errno.EBADF],
  moveMount: [[-1, 'x', -1, 'y', 0], -errno.EBADF],
  mountSetattr: [[-1, 'x', 0, readOnly, 32], -errno.EBADF],
  pivotRoot: [[none, none], -errno.ENOENT],
  chroot: [[none], -errno.ENOENT],
  umount2: [[none, 0], -errno.ENOENT],
  getpid: [[], process.pid],
  getppid: [[], process.ppid],
  geteuid: [[], 0],
  getegid: [[], 0],
  kill: [[NOBODY, 0], -errno.ESRCH],
  pidfdOpen: [[-1, 0], -errno.EINVAL],
  pidfdSendSignal: [[-1, 0, null, 0], -errno.EBADF],
  wait4: [[NOBODY, null, 0, null], -errno.ECHILD],
  prctl: [[NOBODY, 0, 0, 0, 0], -errno.EINVAL],
  prlimit64: [[NOBODY, 0, null, null], -errno.ESRCH],
  schedSetaffinity: [[NOBODY, 8, buffer], -errno.ESRCH],
  schedGetaffinity: [[NOBODY, 8, buffer], -errno.ESRCH],
  schedSetattr: [
    [NOBODY, new Uint8Array(new Uint32Array(14).fill(56, 0, 1).buffer), 0],
    -errno.ESRCH,
  ],
  ioprioSet: [[9, 0, 0], -errno.EINVAL],
  personality: [[UNCHANGED], 0],
  setMempolicy: [[99, null, 0], -errno.EINVAL],
  unshare: [[1], -errno.EINVAL],
  setns: [[-1, 0], -errno.EBADF],
  sethostname: [['x', 65], -errno.EINVAL],
  setdomainname: [['x', 65], -errno.EINVAL],
  joinSessionKeyring: [[9999, null], -errno.EOPNOTSUPP],
  keyctl: [[9999, 0, 0, 0], -errno.EOPNOTSUPP],
  setgroups: [[65537, buffer], -errno.EINVAL],
  setresgid: [[UNCHANGED, UNCHANGED, UNCHANGED], 0],
  setresuid: [[UNCHANGED, UNCHANGED, UNCHANGED], 0],
  capset: [[null, null], -errno.EFAULT],
  capget: [[null, null], -errno.EFAULT],
  seccomp: [[9999, 0, null], -errno.EINVAL],
  execve: [[none, null, null], -errno.ENOENT],
  uname: [[null], -errno.EFAULT],
  clockGettime: [[9999, buffer], -errno.EINVAL],
  bpf: [[9999, buffer, 64], -errno.EINVAL],
  socket: [[9999, 1, 0], -errno.EAFNOSUPPORT],
  socketpair: [[9999, 1, 0, buffer], -errno.EAFNOSUPPORT],
  bind: [[-1, buffer, 2], -errno.EBADF],
  listen: [[-1, 1], -errno.EBADF],
  connect: [[-1, buffer, 2], -errno.EBADF],
  ppoll: [[null, 1, now, null, 8], -errno.EFAULT],
  sendFds: [[-1, buffer, 1, null, 0], -errno.EBADF],
  recvFds: [[-1, buffer, 1, buffer, 0], -errno.EBADF],
  loadDeviceFilter: [[buffer, 0], -errno.E2BIG],
  deviceFilters: [[-1, buffer, 1], -errno.EBADF],
  compileSeccomp: [[buffer, 1, buffer, 1, -1], -errno.EINVAL],
  sha256: [[buffer, 0, buffer, 1], -errno.EINVAL],
};

/** They end, leave or change the caller: tests of containers call them, in a child. */
const drastic: readonly NativeName[] = [
  'umask',
  'setsid',
  'exit',
  'launch',
  'finish',
  'runProgram',
  'watchSignals',
  'dropBounding',
];

describe('every native of the table', () => {
  const names = Object.keys(natives) as NativeName[];

  it('is bound', () => {
    expect(Object.keys(native)).toEqual(names);
    for (const name of names) expect(typeof native[name]).toBe('function');
  });

  it('is in this table, or drastic, or tested below', () => {
    const known = [...Object.keys(answers), ...drastic, 'seccompVersion'];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('has a prototype with as many arguments as its row', () => {
    for (const name of names) {
      const row: NativeRow = natives[name];
      const [, args = ''] = /\((.*)\)$/.exec(prototypeOf(name)) ?? [];
      expect(args === 'void' ? 0 : args.split(',').length, name).toBe(row.args.length);
    }
  });
});

describeAsRoot('the kernel', () => {
  it.each(Object.entries(answers))('answers %s', (name, [args, answer]) => {
    const call = native[name as NativeName] as (...args: unknown[]) => number;
    expect(call(...args)).toBe(answer);
  });

  it('answers the same on another thread', async () => {
    expect(await later('close', -1)).toBe(-errno.EBADF);
    expect(await later('wait4', NOBODY, null, 0, null)).toBe(-errno.ECHILD);
  });
});

test('texts reach the kernel with all their bytes, and with none of them lost to a NUL', () => {
  expect(native.faccessat2(AT_FDCWD, '/', 0, 0)).toBe(0);
  expect(native.faccessat2(AT_FDCWD, '/\0x', 0, 0)).toBe(-errno.EINVAL);
  const open = new Uint8Array(new Uint32Array([O_PATH, 0, 0, 0, 0, 0]).buffer);
  expect(native.openat2(AT_FDCWD, `/${'\udcff'.repeat(256)}`, open, 24)).toBe(-errno.ENAMETOOLONG);
  expect(native.openat2(AT_FDCWD, `/${'\udcff'.repeat(255)}`, open, 24)).toBe(-errno.ENOENT);
  expect(native.openat2(AT_FDCWD, `/${'é'.repeat(128)}`, open, 24)).toBe(-errno.ENAMETOOLONG);
});

test('numbers keep 64 bits on their way there', () => {
  const fd = native.memfdCreate('numbers', 1);
  try {
    expect(native.ftruncate(fd, 2 ** 40)).toBe(0);
    expect(native.lseek(fd, 0, SEEK_END)).toBe(2 ** 40);
    expect(native.ftruncate(fd, 2n ** 64n - 1n)).toBe(-errno.EINVAL);
  } finally {
    native.close(fd);
  }
});

test('libseccomp is there', () => {
  expect(native.seccompVersion()).toBeGreaterThanOrEqual(2 << 16);
});
