import { integer, some, table } from './numbers.js';
import { pressure } from './pressure.js';
import type { Source } from './source.js';

interface Amounts {
  readonly limit: bigint;
  readonly usage: bigint;
  readonly max: bigint;
  readonly failcnt: bigint;
}

const none: Amounts = { limit: 0n, usage: 0n, max: 0n, failcnt: 0n };

/** `limit` and `failcnt` are told even when they are zero. */
const shown = ({ limit, usage, max, failcnt }: Amounts) => ({
  limit,
  usage: some(usage),
  max: some(max),
  failcnt,
});

function amountsV1(source: Source, kind: '' | 'memsw.' | 'kmem.' | 'kmem.tcp.'): Amounts {
  const number = (file: string) => integer(source.text('memory', `memory.${kind}${file}`));
  return {
    limit: number('limit_in_bytes'),
    usage: number('usage_in_bytes'),
    max: number('max_usage_in_bytes'),
    failcnt: number('failcnt'),
  };
}

function amountsV2(source: Source, kind: '' | 'swap.'): Amounts {
  const text = (file: string) => source.text('memory', `memory.${kind}${file}`);
  return {
    limit: integer(text('max')),
    usage: integer(text('current')),
    max: integer(text('peak')),
    // How often the limit was in the way.
    failcnt: table(text('events')).get('max') ?? 0n,
  };
}

const UNLIMITED = integer('max');

/** Readers expect memory and swap together, as v1 counts them. */
function combined(memory: Amounts, swap: Amounts): Amounts {
  const limit = [memory.limit, swap.limit].includes(UNLIMITED)
    ? UNLIMITED
    : memory.limit + swap.limit;
  return { limit, usage: memory.usage + swap.usage, max: 0n, failcnt: swap.failcnt };
}

function kindsV1(source: Source) {
  return {
    usage: amountsV1(source, ''),
    swap: amountsV1(source, 'memsw.'),
    kernel: amountsV1(source, 'kmem.'),
    kernelTCP: amountsV1(source, 'kmem.tcp.'),
  };
}

function kindsV2(source: Source) {
  const usage = amountsV2(source, '');
  return {
    usage,
    swap: combined(usage, amountsV2(source, 'swap.')),
    kernel: none,
    kernelTCP: none,
  };
}

export function memoryStats(source: Source) {
  const raw = [...table(source.text('memory', 'memory.stat'))].sort(([a], [b]) => (a < b ? -1 : 1));
  const { usage, swap, kernel, kernelTCP } = source.unified ? kindsV2(source) : kindsV1(source);
  const cache = raw.find(([name]) => name === (source.unified ? 'file' : 'cache'))?.[1] ?? 0n;
  return {
    cache: some(cache),
    usage: shown(usage),
    swap: shown(swap),
    kernel: shown(kernel),
    kernelTCP: shown(kernelTCP),
    raw: raw.length === 0 ? undefined : Object.fromEntries(raw),
    psi: pressure(source, 'memory'),
  };
}

/** hugetlb.2MB.current, hugetlb.2MB.usage_in_bytes; `rsvd` ones count what is only promised. */
const hugePages = /^hugetlb\.(\d+[KMG]B)\.(?:current|usage_in_bytes)$/;

export function hugetlbStats(source: Source) {
  const sizes = source.names('hugetlb').flatMap((name) => hugePages.exec(name)?.[1] ?? []);
  return Object.fromEntries(
    sizes.sort().map((size) => {
      const text = (file: string) => source.text('hugetlb', `hugetlb.${size}.${file}`);
      const failures = table(text('events')).get('max') ?? 0n;
      const amounts = {
        usage: some(integer(text('current')) + integer(text('usage_in_bytes'))),
        max: some(integer(text('max_usage_in_bytes'))),
        failcnt: failures + integer(text('failcnt')),
      };
      return [size, amounts];
    }),
  );
}
