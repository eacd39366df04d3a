import type { Context } from '../host/host.js';
import { listDirectory, openIfThere, readAll } from '../host/io.js';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY } from '../linux/constants.js';
import { parentOf } from '../plan/path.js';
import type { ResctrlRecord } from '../state/record.js';

/** Empty where there is no such file. */
function textOf(context: Context, path: string): string {
  using file = openIfThere(context, AT_FDCWD, path, O_RDONLY);
  return file === null ? '' : context.host.engine.decode(readAll(context, file.number)).trim();
}

function namesIn(context: Context, path: string): string[] {
  using directory = openIfThere(context, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  if (directory === null) return [];
  return listDirectory(context, directory.number).map(({ name }) => name);
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const lineOf = (lines: readonly string[], resource: 'L3' | 'MB'): string | undefined =>
  lines.find((line) => line.startsWith(`${resource}:`));

const number = (text: string): bigint | undefined =>
  /^[1-9]\d*$/.test(text) ? BigInt(text) : undefined;

/** What resctrl.rst calls these files is what readers call the values. */
function info(context: Context, root: string, resource: 'L3' | 'MB') {
  const text = (name: string) => textOf(context, `${root}/info/${resource}/${name}`);
  if (text('num_closids') === '') return undefined;
  const num_closids = number(text('num_closids'));
  if (resource === 'L3')
    return {
      cbm_mask: text('cbm_mask') || undefined,
      min_cbm_bits: number(text('min_cbm_bits')),
      num_closids,
    };
  return {
    bandwidth_gran: number(text('bandwidth_gran')),
    delay_linear: number(text('delay_linear')),
    min_bandwidth: number(text('min_bandwidth')),
    num_closids,
  };
}

/** One entry for each cache that is monitored. */
function monitored(context: Context, group: string) {
  const data = `${group}/mon_data`;
  const caches = namesIn(context, data).filter((name) => name.startsWith('mon_L3_'));
  const values = (name: string) =>
    caches.sort().map((cache) => textOf(context, `${data}/${cache}/${name}`));
  const bandwidth = values('mbm_total_bytes').map((total, i) => ({
    mbm_total_bytes: number(total),
    mbm_local_bytes: number(values('mbm_local_bytes')[i]!),
  }));
  const occupancy = values('llc_occupancy').map((text) => ({ llc_occupancy: number(text) }));
  const has = (name: string) => values(name).some((text) => text !== '');
  return {
    mbm_stats: has('mbm_total_bytes') ? bandwidth : undefined,
    cmt_stats: has('llc_occupancy') ? occupancy : undefined,
  };
}

/** What resctrl tells of the container's group; an empty object when it is in none. */
export function resctrlStats(context: Context, record: ResctrlRecord | undefined) {
  if (record === undefined) return {};
  const { group, monitor } = record;
  const root = namesIn(context, group).includes('info') ? group : parentOf(group);
  const [all, own] = [root, group].map((path) => linesOf(textOf(context, `${path}/schemata`)));
  return {
    l3_cache_info: info(context, root, 'L3'),
    l3_cache_schema_root: lineOf(all!, 'L3'),
    l3_cache_schema: lineOf(own!, 'L3'),
    mem_bw_info: info(context, root, 'MB'),
    mem_bw_schema_root: lineOf(all!, 'MB'),
    mem_bw_schema: lineOf(own!, 'MB'),
    schemata: own!.length === 0 ? undefined : own,
    ...monitored(context, monitor ?? group),
  };
}
