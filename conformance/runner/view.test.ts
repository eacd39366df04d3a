import { describe, expect, test } from 'vitest';
import { stepsTo } from './view.js';

const v1 = [
  { mountpoint: '/sys/fs/cgroup/memory', controllers: ['memory'] },
  { mountpoint: '/sys/fs/cgroup/systemd', controllers: ['name=systemd'] },
];
const unified = { mountpoint: '/sys/fs/cgroup/unified', controllers: [] };
const alone = { mountpoint: '/sys/fs/cgroup', controllers: [] };

describe('a view of cgroup v1', () => {
  test('needs nothing on a host that has no other', () => {
    expect(stepsTo('v1', v1, '/f')).toEqual([]);
  });

  test('loses the unified hierarchy, wherever it is mounted', () => {
    expect(stepsTo('v1', [...v1, unified, { ...unified, mountpoint: "/it's" }], '/f')).toEqual([
      "umount '/sys/fs/cgroup/unified'",
      "umount '/it'\\''s'",
    ]);
  });

  test('cannot be had where only v2 is, or only hierarchies without a controller', () => {
    expect(() => stepsTo('v1', [alone], '/f')).toThrow('No controller of cgroup v1');
    expect(() => stepsTo('v1', [alone, v1[1]!], '/f')).toThrow('No controller of cgroup v1');
  });
});

describe('a view of cgroup v2', () => {
  test('needs nothing on a host that has it alone', () => {
    expect(stepsTo('v2', [alone], '/f')).toEqual([]);
  });

  test('has the unified hierarchy of a hybrid host in place of all others', () => {
    const far = { mountpoint: '/far', controllers: ['rdma'] };
    expect(stepsTo('v2', [...v1, far, unified], '/f')).toEqual([
      "mount --bind '/sys/fs/cgroup/unified' '/f'",
      "umount '/far'",
      'if mountpoint -q /sys/fs/cgroup; then umount --recursive /sys/fs/cgroup; fi',
      "mount --move '/f' /sys/fs/cgroup",
    ]);
  });

  test('cannot be had where there is no cgroup2', () => {
    expect(() => stepsTo('v2', v1, '/f')).toThrow('No cgroup2');
  });
});
