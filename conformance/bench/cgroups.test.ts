import { expect, test } from 'vitest';
import { cgroupMounts, hierarchies } from './cgroups.js';

const hybrid = `24 1 0:22 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
25 24 0:23 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
26 24 0:24 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
27 24 0:25 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;

test('cgroup mounts are told apart by version, whatever optional fields they have', () => {
  expect(cgroupMounts(hybrid)).toEqual([
    { path: '/sys/fs/cgroup/memory', type: 'cgroup' },
    { path: '/sys/fs/cgroup/systemd', type: 'cgroup' },
    { path: '/sys/fs/cgroup/unified', type: 'cgroup2' },
  ]);
});

test('hierarchies are those of version 1', () => {
  expect(hierarchies(cgroupMounts(hybrid))).toEqual(['memory', 'systemd']);
});
