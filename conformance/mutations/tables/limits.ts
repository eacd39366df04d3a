/** Limits of cgroups. */
import { textOf } from '../../lib/machine.js';
import { cgroupV2, controller } from '../../runner/host.js';
import type { Need } from '../../runner/test.js';
import { changed, ignored } from '../how.js';
import type { Row } from '../mutation.js';

const limit = (name: string, path: string, what: string, aims: string, ...needs: Need[]): Row => [
  `no-${name}`,
  `ignores ${what}`,
  `cgroup-v1/${name} ${aims}`,
  ignored(`linux.resources.${path}`),
  ...needs,
];

/** With one, the set is what it would be anyhow. */
const twoNodes: Need = () =>
  /[-,]/.test(textOf('/sys/devices/system/node/online')) ? null : 'needs two memory nodes';

export const limits: readonly Row[] = [
  limit('memory-limit', 'memory.limit', 'the limit of memory', 'memory', controller('memory')),
  limit(
    'swap-limit',
    'memory.swap',
    'the limit of memory and swap',
    'memory',
    controller('memory'),
  ),
  limit(
    'memory-reservation',
    'memory.reservation',
    'the soft limit of memory',
    'memory',
    controller('memory'),
  ),
  limit('swappiness', 'memory.swappiness', 'the swappiness', 'memory', controller('memory')),
  limit(
    'oom-killer-switch',
    'memory.disableOOMKiller',
    'the switch of the OOM killer',
    'memory',
    controller('memory'),
  ),
  limit('cpu-shares', 'cpu.shares', 'CPU shares', 'cpu', controller('cpu')),
  limit('cpu-quota', 'cpu.quota', 'the CPU quota', 'cpu', controller('cpu')),
  limit('cpu-period', 'cpu.period', 'the CPU period', 'cpu', controller('cpu')),
  limit('cpu-burst', 'cpu.burst', 'the CPU burst', 'cpu', controller('cpu')),
  limit('cpu-idle', 'cpu.idle', 'that a cgroup is idle', 'cpu', controller('cpu')),
  limit('cpuset', 'cpu.cpus', 'the set of CPUs', 'cpu', controller('cpuset')),
  limit(
    'memory-nodes',
    'cpu.mems',
    'the set of memory nodes',
    'cpu',
    controller('cpuset'),
    twoNodes,
  ),
  limit('pids-limit', 'pids.limit', 'the limit of processes', 'pids', controller('pids')),
  limit(
    'io-weight',
    'blockIO.weight',
    'the weight of input and output',
    'blkio-weight io-weight',
    controller('blkio'),
  ),
  limit(
    'io-throttle',
    'blockIO.throttleReadBpsDevice',
    'the limit of reading',
    'block-io blkio',
    controller('blkio'),
  ),
  limit(
    'hugetlb-limit',
    'hugepageLimits',
    'the limits of huge pages',
    'huge',
    controller('hugetlb'),
  ),
  limit(
    'network-class',
    'network.classID',
    'the class of packets',
    'network',
    controller('net_cls'),
  ),
  limit(
    'network-priorities',
    'network.priorities',
    'the priorities of packets',
    'network',
    controller('net_prio'),
  ),
  limit('rdma-limit', 'rdma', 'the limits of RDMA', 'rdma', controller('rdma')),
  limit('unified', 'unified', 'files of cgroup v2 by name', 'unified', cgroupV2),
  limit(
    'device-rules',
    'devices',
    'which devices are allowed',
    'allowed-device device',
    controller('devices'),
  ),
  [
    'reversed-device-rules',
    'applies device rules in the reverse order',
    'allowed-device device',
    changed<unknown[]>('linux.resources.devices', (rules) => [...rules].reverse()),
    controller('devices'),
  ],
  [
    'zero-pids-unlimited',
    'takes a limit of no process for no limit',
    'pids',
    changed<number>('linux.resources.pids.limit', (count) => (count === 0 ? -1 : count)),
    controller('pids'),
  ],
];
