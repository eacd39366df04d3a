import type { Context } from '../../host/host.js';
import type { CgroupRecord } from '../driver.js';
import { blockIoStats } from './block-io.js';
import { cpuStats, cpusetStats } from './cpu.js';
import { hugetlbStats, memoryStats } from './memory.js';
import { integer, some } from './numbers.js';
import { type Source, sourceOf } from './source.js';

function pidsStats(source: Source) {
  const limit = source.text('pids', 'pids.max').trim();
  return {
    current: some(integer(source.text('pids', 'pids.current'))),
    limit: limit === 'max' ? undefined : some(integer(limit)),
  };
}

/** What a container uses, as readers of `events` know it; integers are bigints. */
export function cgroupStats(context: Context, record: CgroupRecord) {
  const source = sourceOf(context, record);
  return {
    cpu: cpuStats(source),
    cpuset: cpusetStats(source),
    memory: memoryStats(source),
    pids: pidsStats(source),
    blkio: blockIoStats(source),
    hugetlb: hugetlbStats(source),
  };
}
