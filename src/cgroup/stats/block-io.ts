import { integer, some, someOf } from './numbers.js';
import { pressure } from './pressure.js';
import type { Source } from './source.js';

interface Entry {
  readonly major?: bigint | undefined;
  readonly minor?: bigint | undefined;
  readonly op?: string | undefined;
  readonly value?: bigint | undefined;
}

type Lists = Readonly<Record<string, readonly Entry[] | undefined>>;

/** What the lists are called, and the files of v1 that have them. */
const lists = {
  ioServiceBytesRecursive: 'io_service_bytes',
  ioServicedRecursive: 'io_serviced',
  ioQueueRecursive: 'io_queued',
  ioServiceTimeRecursive: 'io_service_time',
  ioWaitTimeRecursive: 'io_wait_time',
  ioMergedRecursive: 'io_merged',
  ioTimeRecursive: 'time',
  sectorsRecursive: 'sectors',
} as const;

/** Who counts: schedulers first, which count more; throttling counts for any. */
const prefixes = ['blkio.bfq', 'blkio', 'blkio.throttle'] as const;

const entry = (device: string, op: string | undefined, value: bigint): Entry => {
  const [major = '', minor = ''] = device.split(':');
  return { major: some(integer(major)), minor: some(integer(minor)), op, value: some(value) };
};

/** `8:0 Read 4096` or `8:0 4096`; the sum of all devices has no number of one. */
const entriesV1 = (text: string): Entry[] =>
  text.split('\n').flatMap((line) => {
    const [device = '', ...words] = line.split(' ');
    const op = words.length > 1 ? words[0] : undefined;
    return device.includes(':') ? [entry(device, op, integer(words.at(-1) ?? ''))] : [];
  });

function listsV1(source: Source): Lists {
  const read = (prefix: string, name: string) =>
    entriesV1(source.text('blkio', `${prefix}.${name}_recursive`));
  const prefix = prefixes.find((each) => read(each, 'io_serviced').length > 0);
  if (prefix === undefined) return {};
  return Object.fromEntries(
    Object.entries(lists).map(([list, name]) => [list, someOf(read(prefix, name))]),
  );
}

/** Keys of io.stat in the words of v1. */
const keys = [
  ['ioServiceBytesRecursive', 'rbytes', 'Read'],
  ['ioServiceBytesRecursive', 'wbytes', 'Write'],
  ['ioServicedRecursive', 'rios', 'Read'],
  ['ioServicedRecursive', 'wios', 'Write'],
] as const;

function listsV2(source: Source): Lists {
  const lines = source
    .text('io', 'io.stat')
    .split('\n')
    .map((line) => line.split(' '));
  const listOf = (wanted: string) =>
    lines.flatMap(([device = '', ...pairs]) =>
      keys.flatMap(([list, key, op]) => {
        const found = list === wanted && pairs.find((pair) => pair.startsWith(`${key}=`));
        return found ? [entry(device, op, integer(found.slice(key.length + 1)))] : [];
      }),
    );
  const names = [...new Set(keys.map(([list]) => list))];
  return Object.fromEntries(names.map((list) => [list, someOf(listOf(list))]));
}

export const blockIoStats = (source: Source) => ({
  ...(source.unified ? listsV2(source) : listsV1(source)),
  psi: pressure(source, 'io'),
});
