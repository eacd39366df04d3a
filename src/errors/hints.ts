import { type ErrnoName, errnoName } from '../linux/errno.js';
import type { FailedCall } from './error.js';

type Advice = Partial<Record<ErrnoName, string>>;

const needsLinux = (version: string): string => `this needs Linux ${version} or newer`;
const namespaceLimit = 'see the limits in /proc/sys/user/max_*_namespaces';
const namespaceRights =
  'a process without privileges can make the other namespaces only with a user namespace, and some ' +
  'systems forbid those: see user_namespaces(7), kernel.unprivileged_userns_clone and ' +
  'kernel.apparmor_restrict_unprivileged_userns';
const unmappedId = 'the id has no mapping in the user namespace';
const wrongNamespace =
  'the namespace is of another type, or this process has threads or shares its file system state';
const deviceRights = 'device rules need CAP_SYS_ADMIN or CAP_BPF in the first user namespace';
const keyQuota = 'raise kernel.keys.maxkeys or kernel.keys.maxbytes, or use --no-new-keyring';

const makeNamespaces: Advice = {
  ENOSPC: namespaceLimit,
  EUSERS: namespaceLimit,
  EPERM: namespaceRights,
  EAGAIN: 'RLIMIT_NPROC or the pids limit of the cgroup is reached',
};

/** What to do about a failed call: by its name, then by its error. */
const advice: Readonly<Record<string, Advice>> = {
  bpf: { EPERM: deviceRights },
  capset: { EPERM: 'the runtime can give a container no capability that it lacks itself' },
  clone3: {
    ...makeNamespaces,
    ENOSYS: needsLinux('5.7'),
    EBUSY: 'the cgroup has controllers enabled for its children, so it can hold no process',
  },
  close_range: { ENOSYS: needsLinux('5.9'), EINVAL: needsLinux('5.11') },
  execve: {
    ENOEXEC: 'a script must start with #!, and a binary must be for this machine',
    ENOENT: 'the interpreter after #!, or the ELF loader, is missing in the container',
    E2BIG: 'shorten the arguments or the environment',
  },
  faccessat2: { ENOSYS: needsLinux('5.8') },
  fsconfig: {
    EPERM:
      'the user namespace must own the namespace that the file system shows, such as ipc or pid',
    EINVAL: 'an option of the mount is unknown or malformed; sizes end in k, m or g',
    ENOENT: 'the source, or a directory that an option names, is missing',
    EBUSY: 'the file system is in use with other options',
    ENOSYS: needsLinux('5.2'),
  },
  fsmount: {
    EPERM: 'in a user namespace some parts of /proc and /sys must not be hidden: see mount(2)',
    ENOSYS: needsLinux('5.2'),
  },
  fsopen: {
    ENODEV: 'the kernel lacks this file system, or its module is not loaded',
    ENOSYS: needsLinux('5.2'),
  },
  fspick: { ENOSYS: needsLinux('5.2') },
  ioprio_set: { EPERM: 'the real-time class needs CAP_SYS_NICE' },
  keyctl: { EDQUOT: keyQuota },
  launch: {
    ...makeNamespaces,
    ENOSYS: needsLinux('5.7'),
    EBUSY: 'the cgroup has controllers enabled for its children, so it can hold no process',
  },
  loadDeviceFilter: { EPERM: deviceRights },
  mkdirat: {
    ENOSPC: 'the file system is full, or the limit of cgroups is reached',
    EROFS: 'choose another directory with --root',
  },
  mknodat: { EPERM: 'in a user namespace devices can only be bound from the host' },
  mount_setattr: {
    ENOSYS: needsLinux('5.12'),
    EINVAL: 'the file system cannot be id-mapped, or the option needs a newer kernel',
    EPERM: 'in a user namespace, options of the mount that the host set cannot be taken away',
  },
  move_mount: {
    ELOOP: 'the target is a symbolic link or a mount of another namespace',
    ENOSYS: needsLinux('5.2'),
  },
  open_tree: { ENOSYS: needsLinux('5.2'), EINVAL: 'the source is an unbindable mount' },
  openat2: {
    ENOSYS: needsLinux('5.6'),
    EXDEV: 'the path leaves the directory that it must stay in',
    ELOOP: 'the path has a symbolic link where none is allowed',
    EMFILE: 'raise the limit of open files (RLIMIT_NOFILE)',
  },
  pidfd_open: { ENOSYS: needsLinux('5.3') },
  RTM_NEWADDR: { EACCES: 'IPv6 is disabled in the network namespace of the container' },
  RTM_SETLINK: {
    EINVAL: 'loopback, and devices that others hang on, cannot leave their network namespace',
    EEXIST: 'the container has a network device of that name already',
    EPERM: 'moving a network device needs CAP_NET_ADMIN in both network namespaces',
  },
  pivot_root: {
    EINVAL: 'the root file system is an initramfs, or not a mount of its own: use --no-pivot there',
  },
  prlimit64: { EPERM: 'raising a hard limit needs CAP_SYS_RESOURCE' },
  sendfile: { ENOSPC: 'give the tmpfs a larger size=, or do without tmpcopyup' },
  sched_setattr: {
    EPERM:
      'real-time policies and a better niceness need CAP_SYS_NICE; in a v1 cgroup, real-time ' +
      'policies also need a share of real time (cpu.rt_runtime_us)',
    EINVAL: 'this kernel lacks the policy or a flag, or the values do not fit together',
    EOPNOTSUPP: 'this kernel was built without utilization clamping (CONFIG_UCLAMP_TASK)',
    EBUSY: 'the CPUs have not enough time left for this runtime and period',
  },
  set_mempolicy: {
    EINVAL: 'this kernel lacks the mode or a flag, or the cgroup has none of the memory nodes',
    ENOSYS: 'this kernel was built without memory policies (CONFIG_NUMA)',
  },
  seccomp: {
    EINVAL: 'the kernel is built without CONFIG_SECCOMP_FILTER, or takes no such action or flag',
    ENOMEM: 'the process and what started it have too many filters, or too long ones',
  },
  setgroups: { EPERM: 'additional groups need CAP_SETGID, and a mapping that allows setgroups' },
  sethostname: { EPERM: 'a host name needs a uts namespace of its own' },
  setns: {
    EINVAL: wrongNamespace,
    EPERM: 'joining needs CAP_SYS_ADMIN in the owner of the namespace',
  },
  setresgid: { EINVAL: unmappedId },
  setresuid: { EINVAL: unmappedId, EAGAIN: 'RLIMIT_NPROC of this user is reached' },
  unshare: makeNamespaces,
};

export function hintFor({ name, errno }: FailedCall): string | undefined {
  return Object.hasOwn(advice, name) ? advice[name]?.[errnoName(errno) as ErrnoName] : undefined;
}
