import type { LinuxBlockIo } from '../../generated/spec-types.js';
import type { Limit } from '../rows.js';
import { isSet } from '../values.js';

/** A weight of 10 … 1000 on the scale of io.weight, 1 … 10000; below 10 there is nothing smaller. */
export const ioWeightOf = (weight: number): number =>
  Math.max(1, 1 + Math.floor(((weight - 10) * 9999) / 990));

/** BFQ takes the weight as it is; without BFQ there may be a cost model, which has another scale. */
const weightLimit = (at: string, name: string, weight: number): Limit => ({
  at,
  file: 'io.bfq.weight',
  value: `${name}${weight}`,
  instead: { file: 'io.weight', value: `${name}${ioWeightOf(weight)}` },
});

const throttles = {
  throttleReadBpsDevice: 'rbps',
  throttleWriteBpsDevice: 'wbps',
  throttleReadIOPSDevice: 'riops',
  throttleWriteIOPSDevice: 'wiops',
} as const;

type Throttle = keyof typeof throttles;

/** No rate is no limit, as in v1; io.max wants a word for it. */
const throttleLimits = (blockIo: LinuxBlockIo, field: Throttle): Limit[] =>
  (blockIo[field] ?? []).map(({ major, minor, rate }, i) => ({
    at: `blockIO/${field}/${i}`,
    file: 'io.max',
    value: `${major}:${minor} ${throttles[field]}=${isSet(rate) ? rate : 'max'}`,
  }));

/** config-linux.md#block-io for the controller io. */
export function blockIoV2(blockIo: LinuxBlockIo | undefined): Limit[] {
  if (blockIo === undefined) return [];
  const { weight, weightDevice = [] } = blockIo;
  return [
    ...(isSet(weight) ? [weightLimit('blockIO/weight', '', Number(weight))] : []),
    ...weightDevice.flatMap(({ major, minor, weight: own }, i) =>
      isSet(own) ? weightLimit(`blockIO/weightDevice/${i}`, `${major}:${minor} `, Number(own)) : [],
    ),
    ...(Object.keys(throttles) as Throttle[]).flatMap((field) => throttleLimits(blockIo, field)),
  ];
}
