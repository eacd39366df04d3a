/** What `spec` writes. */

/** By the place of the mount. */
export const options: Readonly<Record<string, readonly string[] | undefined>> = {
  '/proc': undefined,
  '/dev': ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  '/dev/pts': ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  '/dev/shm': ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  '/dev/mqueue': ['nosuid', 'noexec', 'nodev'],
  '/sys': ['nosuid', 'noexec', 'nodev', 'ro'],
  '/sys/fs/cgroup': ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
};

/** Masked paths, sorted. */
export const hidden = [
  ...['acpi', 'asound', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'scsi'].map(
    (name) => `/proc/${name}`,
  ),
  ...['/proc/timer_list', '/proc/timer_stats', '/sys/firmware'],
];

/** Read-only paths, sorted. */
export const readOnly = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `/proc/${name}`);
