import { join } from 'node:path';
import { parseOptions } from '../../native/setup/arguments.js';
import { Complaint } from '../../native/setup/complaint.js';
import { root } from '../../native/setup/paths.js';
import { type RowName, rowNames } from './tasks.js';

export interface BenchOptions {
  readonly runs: number;
  /**
   * Milliseconds of quiet before each turn. Without it every measurement falls into what the last
   * one made the kernel do later: see docs/performance.md.
   */
  readonly pause: number;
  readonly only: readonly RowName[];
  readonly json: string;
  /** Programs beside those that are found, or instead of them where the name is the same. */
  readonly runtimes: Readonly<Record<string, string>>;
  readonly floor: boolean;
  /** How many containers are present when create and delete are measured again; 0 for not at all. */
  readonly scale: number;
}

const usualRuns = 40;
const quickRuns = 8;

export function readOptions(args: readonly string[]): BenchOptions {
  const given = parseOptions(args, {
    runs: { type: 'string' },
    pause: { type: 'string', default: '30' },
    only: { type: 'string' },
    json: { type: 'string', default: join(root, 'build/bench.json') },
    runtime: { type: 'string', multiple: true, default: [] },
    floor: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    scale: { type: 'string' },
  });
  const usual = given.quick ? quickRuns : usualRuns;
  return {
    runs: given.runs === undefined ? usual : countOf('runs', given.runs),
    pause: countOf('pause', given.pause, 0),
    only: rowsOf(given.only),
    json: given.json,
    runtimes: Object.fromEntries(given.runtime.map(assignment)),
    floor: given.floor,
    scale: given.scale === undefined ? 0 : countOf('scale', given.scale),
  };
}

/** More containers than that do not fit into the arguments of the timing program. */
const most = 1000;

function countOf(name: string, text: string, least = 1): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= least && count <= most) return count;
  throw new Complaint(`--${name} takes a number from ${least} to ${most}, not '${text}'`);
}

function rowsOf(text: string | undefined): readonly RowName[] {
  if (text === undefined) return rowNames;
  return text.split(',').map((word) => {
    const row = rowNames.find((name) => name === word);
    if (row === undefined) throw new Complaint(`--only takes any of ${rowNames}, not '${word}'`);
    return row;
  });
}

function assignment(text: string): readonly [string, string] {
  const [, name, path] = /^([a-z0-9._-]+)=(\/.*)$/i.exec(text) ?? [];
  if (name !== undefined && path !== undefined) return [name, path];
  throw new Complaint(`--runtime takes NAME=/ABSOLUTE/PATH, not '${text}'`);
}
