import type { Int64 } from '../../generated/spec-types.js';
import { type Complaint, pointer } from '../complaint.js';
import { each, fine, type Rule, wrong } from './rule.js';

const memorySection = 'config-linux.md#memory';
const cpuSection = 'config-linux.md#cpu';
const blockSection = 'config-linux.md#block-io';

const amounts = ['limit', 'reservation', 'swap'] as const;

const memoryAmounts: Rule = ({ linux }) =>
  amounts.flatMap((field) => {
    const value = linux?.resources?.memory?.[field] ?? 0;
    if (value >= -1) return fine;
    const at = `/linux/resources/memory/${field}`;
    return wrong(at, value, 'bytes, or -1 for no limit', memorySection);
  });

/** `swap` counts memory and swap together; memsw.limit_in_bytes refuses less than the memory. */
const swap: Rule = ({ linux }) => {
  const { limit = 0, swap = 0 } = linux?.resources?.memory ?? {};
  if (swap <= 0 || (limit > 0 && swap >= limit)) return fine;
  const allowed = limit > 0 ? `at least the memory limit, ${limit}` : 'a memory limit with it';
  return wrong('/linux/resources/memory/swap', swap, allowed, memorySection);
};

const pids: Rule = ({ linux }) => {
  const limit = linux?.resources?.pids?.limit ?? 0;
  if (limit >= -1) return fine;
  const at = '/linux/resources/pids/limit';
  return wrong(at, limit, 'a number of tasks, or -1 for no limit', 'config-linux.md#pids');
};

const quota: Rule = ({ linux }) => {
  const { quota = 0 } = linux?.resources?.cpu ?? {};
  if (quota >= -1) return fine;
  return wrong('/linux/resources/cpu/quota', quota, 'microseconds, or -1 for no limit', cpuSection);
};

const burst: Rule = ({ linux }) => {
  const { quota = 0, burst = 0 } = linux?.resources?.cpu ?? {};
  if (quota <= 0 || burst <= quota) return fine;
  return wrong('/linux/resources/cpu/burst', burst, `at most the quota, ${quota}`, cpuSection);
};

const idle: Rule = ({ linux }) => {
  const idle = Number(linux?.resources?.cpu?.idle ?? 0);
  if (idle === 0 || idle === 1) return fine;
  return wrong('/linux/resources/cpu/idle', idle, '0 or 1', cpuSection);
};

const weights: Rule = ({ linux }) =>
  each(linux?.resources?.blockIO?.weightDevice, ({ weight, leafWeight }, i) =>
    weight !== undefined || leafWeight !== undefined
      ? fine
      : wrong(
          `/linux/resources/blockIO/weightDevice/${i}`,
          undefined,
          'weight, leafWeight or both',
          blockSection,
        ),
  );

/** What the schedulers take; zero is for callers who ask for nothing. */
const MOST_WEIGHT = 1000;

const weightRange = (value: number, at: string): readonly Complaint[] =>
  value <= MOST_WEIGHT ? fine : wrong(at, value, `1 to ${MOST_WEIGHT}`, blockSection);

const weightRanges: Rule = ({ linux }) => {
  const { weightDevice, ...group } = linux?.resources?.blockIO ?? {};
  const both = ({ weight = 0, leafWeight = 0 }: typeof group, at: string) => [
    ...weightRange(weight, `${at}/weight`),
    ...weightRange(leafWeight, `${at}/leafWeight`),
  ];
  const at = '/linux/resources/blockIO';
  return [
    ...both(group, at),
    ...each(weightDevice, (device, i) => both(device, `${at}/weightDevice/${i}`)),
  ];
};

const blockDevices = [
  'weightDevice',
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const;

const blockDeviceNumbers: Rule = ({ linux }) => {
  const blockIo = linux?.resources?.blockIO;
  if (blockIo === undefined) return fine;
  return blockDevices.flatMap((field) =>
    each<{ major: Int64; minor: Int64 }>(blockIo[field], (device, i) =>
      (['major', 'minor'] as const).flatMap((number) =>
        device[number] >= 0 && device[number] <= 0xffffffff
          ? fine
          : wrong(
              `/linux/resources/blockIO/${field}/${i}/${number}`,
              device[number],
              'a device number',
              blockSection,
            ),
      ),
    ),
  );
};

/** netdevice(7): shorter than IFNAMSIZ; the file takes a name and a number on a line. */
const INTERFACE = /^[^\s/]{1,15}$/;

const interfaces: Rule = ({ linux }) =>
  each(linux?.resources?.network?.priorities, ({ name }, i) =>
    INTERFACE.test(name)
      ? fine
      : wrong(
          `/linux/resources/network/priorities/${i}/name`,
          name,
          "an interface's name",
          'config-linux.md#network',
        ),
  );

const rdmaNames: Rule = ({ linux }) =>
  Object.keys(linux?.resources?.rdma ?? {}).flatMap((name) =>
    /^[^\s/]+$/.test(name)
      ? fine
      : wrong(
          pointer('linux', 'resources', 'rdma', name),
          name,
          "a device's name",
          'config-linux.md#rdma',
        ),
  );

const rdma: Rule = ({ linux }) =>
  Object.entries(linux?.resources?.rdma ?? {}).flatMap(([name, { hcaHandles, hcaObjects }]) =>
    hcaHandles !== undefined || hcaObjects !== undefined
      ? fine
      : wrong(
          pointer('linux', 'resources', 'rdma', name),
          undefined,
          'hcaHandles, hcaObjects or both',
          'config-linux.md#rdma',
        ),
  );

export const resourceRules: readonly Rule[] = [
  memoryAmounts,
  swap,
  pids,
  quota,
  burst,
  idle,
  weights,
  weightRanges,
  blockDeviceNumbers,
  interfaces,
  rdma,
  rdmaNames,
];
