import type { LinuxRdma, LinuxResources, UInt32 } from '../generated/spec-types.js';
import { pointer } from '../spec/complaint.js';
import type { Limit } from './rows.js';

const part = (name: string, value: UInt32 | undefined): string =>
  value === undefined ? '' : ` ${name}=${value}`;

const lineOf = (device: string, { hcaHandles, hcaObjects }: LinuxRdma): string =>
  `${device}${part('hca_handle', hcaHandles)}${part('hca_object', hcaObjects)}`;

/** config-linux.md#rdma: one line for each device, in both modes. */
export const rdmaLimits = (rdma: LinuxResources['rdma'] = {}): Limit[] =>
  Object.entries(rdma).map(([device, limits]) => ({
    at: `rdma${pointer(device)}`,
    file: 'rdma.max',
    value: lineOf(device, limits),
  }));
