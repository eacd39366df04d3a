import { expect, it } from 'vitest';
import { previousValue } from './previous.js';

it.each([
  ['a number', 'pids.max', '5\n', '7', '5'],
  ['what says that already', 'pids.max', '7\n', '7', null],
  ['two numbers on a line', 'cpu.max', 'max 100000\n', '5000 100000', 'max 100000'],
  ['the same quota with another period', 'cpu.max', '5000 9000\n', '5000 8000', '5000 9000'],
  ['an empty list', 'cpuset.cpus', '\n', '0', '\n'],
  [
    'the OOM killer of v1',
    'memory.oom_control',
    'oom_kill_disable 0\nunder_oom 0\noom_kill 4\n',
    '1',
    '0',
  ],
  ['a rate of v1', 'blkio.throttle.read_bps_device', '8:0 5\n8:16 6\n', '8:16 9', '8:16 6'],
  ['no rate of v1', 'blkio.throttle.read_bps_device', '8:0 5\n', '8:16 9', '8:16 0'],
  [
    'a line of rates',
    'io.max',
    '8:0 rbps=5 wbps=max riops=max wiops=max\n',
    '8:0 rbps=9',
    '8:0 rbps=5 wbps=max riops=max wiops=max',
  ],
  ['no line of rates', 'io.max', '', '8:0 rbps=9 wiops=2', '8:0 rbps=max wiops=max'],
  ['the weight of a disk', 'io.bfq.weight', 'default 100\n8:0 200\n', '8:0 300', '8:0 200'],
  ['no weight of a disk', 'io.weight', 'default 100\n', '8:0 300', '8:0 default'],
  ['the weight of all disks', 'io.weight', 'default 100\n8:0 200\n', '300', 'default 100'],
  ['a lone weight', 'blkio.bfq.weight', '100\n', '300', '100'],
  ['an interface', 'net_prio.ifpriomap', 'lo 0\neth0 4\n', 'eth0 5', 'eth0 4'],
  ['no RDMA limit', 'rdma.max', '', 'mlx hca_handle=3', 'mlx hca_handle=max'],
] as const)('%s', (_, name, text, value, previous) => {
  expect(previousValue(name, text, value)).toBe(previous);
});
