import type { LinuxBlockIo, LinuxWeightDevice } from '../../generated/spec-types.js';
import type { Limit } from '../rows.js';
import { isSet } from '../values.js';

/** The weight of BFQ, and its older name with CFQ. */
const weight = (at: string, suffix: string, value: string): Limit => ({
  at,
  file: `blkio.bfq.weight${suffix}`,
  value,
  instead: { file: `blkio.weight${suffix}`, value },
});

function deviceWeights(device: LinuxWeightDevice, i: number): Limit[] {
  const at = `blockIO/weightDevice/${i}`;
  const name = `${device.major}:${device.minor}`;
  const { weight: own, leafWeight: leaf } = device;
  return [
    ...(isSet(own) ? [weight(at, '_device', `${name} ${own}`)] : []),
    ...(isSet(leaf) ? [{ at, file: 'blkio.leaf_weight_device', value: `${name} ${leaf}` }] : []),
  ];
}

const throttles = {
  throttleReadBpsDevice: 'read_bps',
  throttleWriteBpsDevice: 'write_bps',
  throttleReadIOPSDevice: 'read_iops',
  throttleWriteIOPSDevice: 'write_iops',
} as const;

type Throttle = keyof typeof throttles;

const throttleLimits = (blockIo: LinuxBlockIo, field: Throttle): Limit[] =>
  (blockIo[field] ?? []).map(({ major, minor, rate }, i) => ({
    at: `blockIO/${field}/${i}`,
    file: `blkio.throttle.${throttles[field]}_device`,
    value: `${major}:${minor} ${rate}`,
  }));

/** config-linux.md#block-io for the controller blkio. */
export function blockIoV1(blockIo: LinuxBlockIo | undefined): Limit[] {
  if (blockIo === undefined) return [];
  const { weight: own, leafWeight: leaf, weightDevice = [] } = blockIo;
  return [
    ...(isSet(own) ? [weight('blockIO/weight', '', String(own))] : []),
    ...(isSet(leaf)
      ? [{ at: 'blockIO/leafWeight', file: 'blkio.leaf_weight', value: String(leaf) }]
      : []),
    ...weightDevice.flatMap(deviceWeights),
    ...(Object.keys(throttles) as Throttle[]).flatMap((field) => throttleLimits(blockIo, field)),
  ];
}
