import { CPUS, MEMORY_NODES, parseList } from '../../linux/cpu-list.js';
import { integer, integers, some, someOf, table } from './numbers.js';
import { pressure } from './pressure.js';
import type { Source } from './source.js';

type Counts = ReadonlyMap<string, bigint>;

const count = (counts: Counts, name: string): bigint => counts.get(name) ?? 0n;

/** cpuacct.stat counts in ticks, of which user space always sees a hundred a second: times(2). */
const TICK = 10_000_000n;

/** cpuacct.usage_all: a line for each CPU with its number, user and system time. */
function usageColumn(text: string, column: 1 | 2): bigint[] {
  const lines = text.trim().split('\n').slice(1);
  return lines.map((line) => integer(line.split(' ')[column] ?? ''));
}

function usageV1(source: Source) {
  const text = (file: string) => source.text('cpuacct', `cpuacct.${file}`);
  const [all, stat] = [text('usage_all'), table(text('stat'))];
  return {
    total: some(integer(text('usage'))),
    percpu: someOf(integers(text('usage_percpu'))),
    percpu_kernel: someOf(usageColumn(all, 2)),
    percpu_user: someOf(usageColumn(all, 1)),
    kernel: count(stat, 'system') * TICK,
    user: count(stat, 'user') * TICK,
  };
}

/** In nanoseconds; the file has microseconds. */
const usageV2 = (stat: Counts) => ({
  total: some(count(stat, 'usage_usec') * 1000n),
  kernel: count(stat, 'system_usec') * 1000n,
  user: count(stat, 'user_usec') * 1000n,
});

export function cpuStats(source: Source) {
  const stat = table(source.text('cpu', 'cpu.stat'));
  const throttled = count(stat, 'throttled_time') + count(stat, 'throttled_usec') * 1000n;
  return {
    usage: source.unified ? usageV2(stat) : usageV1(source),
    throttling: {
      periods: some(count(stat, 'nr_periods')),
      throttledPeriods: some(count(stat, 'nr_throttled')),
      throttledTime: some(throttled),
    },
    psi: pressure(source, 'cpu'),
  };
}

export function cpusetStats(source: Source) {
  const text = (file: string) => source.text('cpuset', `cpuset.${file}`);
  const list = (name: 'cpus' | 'mems', limit: number) =>
    someOf(parseList(text(source.unified ? `${name}.effective` : name).trim(), limit) ?? []);
  const flag = (file: string) => (source.unified ? 0n : integer(text(file)));
  return {
    cpus: list('cpus', CPUS),
    cpu_exclusive: flag('cpu_exclusive'),
    mems: list('mems', MEMORY_NODES),
    mem_hardwall: flag('mem_hardwall'),
    mem_exclusive: flag('mem_exclusive'),
    memory_migrate: flag('memory_migrate'),
    memory_spread_page: flag('memory_spread_page'),
    memory_spread_slab: flag('memory_spread_slab'),
    memory_pressure: flag('memory_pressure'),
    sched_load_balance: flag('sched_load_balance'),
    sched_relax_domain_level: flag('sched_relax_domain_level'),
  };
}
