import type { LinuxResources } from '../../generated/spec-types.js';
import { ioWeightOf } from '../v2/block-io.js';
import { weightOf } from '../v2/resources.js';
import { isSet, swapUnlimited } from '../values.js';
import { cpuQuota, setProperty } from './cpu.js';
import { infinity, limit, number, type Property } from './property.js';
import { unifiedProperties } from './unified.js';

/** What a part of the resources becomes; systemd of release `version`. */
type Row = (resources: LinuxResources, version: number) => readonly Property[];

const none: readonly Property[] = [];

/** Since this release a weight of zero means idle. */
const IDLE_SINCE = 252;

/** config-linux.md#pids: zero is a real limit, which systemd does not take. */
const tasks: Row = ({ pids }) => {
  if (pids?.limit === undefined) return none;
  return [limit('TasksMax', BigInt(pids.limit) === 0n ? 1n : pids.limit)];
};

const memory =
  (field: 'limit' | 'reservation', name: string): Row =>
  ({ memory }) =>
    isSet(memory?.[field]) ? [limit(name, memory[field])] : none;

/** The configuration counts memory and swap together, systemd counts swap alone. */
const swap: Row = ({ memory = {} }) => {
  if (swapUnlimited(memory)) return [number('MemorySwapMax', infinity())];
  if (!isSet(memory.swap)) return none;
  return [number('MemorySwapMax', BigInt(memory.swap) - BigInt(memory.limit ?? 0))];
};

const weight: Row = ({ cpu }, version) => {
  if (Number(cpu?.idle ?? 0) === 1 && version >= IDLE_SINCE) return [number('CPUWeight', 0n)];
  return isSet(cpu?.shares) ? [number('CPUWeight', BigInt(weightOf(cpu.shares)))] : none;
};

const shares: Row = ({ cpu }) =>
  isSet(cpu?.shares) ? [number('CPUShares', BigInt(cpu.shares))] : none;

const quota: Row = ({ cpu }, version) => (cpu === undefined ? none : cpuQuota(cpu, version));

const ioWeightV1: Row = ({ blockIO }) =>
  blockIO?.weight ? [number('BlockIOWeight', BigInt(blockIO.weight))] : none;

const ioWeightV2: Row = ({ blockIO }) =>
  blockIO?.weight ? [number('IOWeight', BigInt(ioWeightOf(Number(blockIO.weight))))] : none;

const rowsV1: readonly Row[] = [memory('limit', 'MemoryLimit'), shares, quota, tasks, ioWeightV1];

const rowsV2: readonly Row[] = [
  memory('limit', 'MemoryMax'),
  memory('reservation', 'MemoryLow'),
  swap,
  weight,
  quota,
  ({ cpu }, version) => setProperty('AllowedCPUs', cpu?.cpus, version),
  ({ cpu }, version) => setProperty('AllowedMemoryNodes', cpu?.mems, version),
  tasks,
  ioWeightV2,
  ({ unified }, version) => unifiedProperties(unified, version),
];

/**
 * The limits that systemd has properties for. It must know them: it writes its own idea of a unit to
 * the files whenever it is told to load its configuration again.
 */
export const resourceProperties = (
  resources: LinuxResources,
  kind: 'v1' | 'v2',
  version: number,
): Property[] => (kind === 'v1' ? rowsV1 : rowsV2).flatMap((row) => [...row(resources, version)]);
