import { asRuntimeError, during, RuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openAt } from '../host/io.js';
import { inFirstUserNamespace } from '../host/namespace.js';
import { encodeBpf } from '../linux/bpf.js';
import {
  AT_FDCWD,
  BPF_CGROUP_DEVICE,
  BPF_F_ALLOW_MULTI,
  BPF_PROG_ATTACH,
  O_DIRECTORY,
  O_RDONLY,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { CgroupPlan, DevicePlan, FileWrite, UsageCheck } from './driver.js';
import { readRecord } from './files.js';
import { type DeviceList, deviceWrites, parseDeviceList } from './v1/devices.js';
import { writeFirst, writeLimit, writeLimits } from './write.js';

/** Puts every limit and the device rules in force. */
export function applyLimits(context: Context, plan: CgroupPlan): void {
  for (const check of plan.checks) checkUsage(context, check);
  writeAllLimits(context, plan.limits);
  if (plan.devices !== null) applyDevices(context, plan.devices);
}

/** Only where the container may run; what else is limited waits until it is ready. */
export const applyCpuset = (context: Context, { limits }: CgroupPlan): void =>
  writeAllLimits(
    context,
    limits.filter(({ file }) => /\/cpuset\.[a-z]+$/.test(file)),
  );

function checkUsage(context: Context, { file, most, at }: UsageCheck): void {
  const used = readRecord(context, file)?.trim() ?? '0';
  if (BigInt(used) <= BigInt(most)) return;
  throw new RuntimeError('host', `memory limit ${most} is below the ${used} bytes in use`, {
    at,
    hint: 'raise the limit, or leave checkBeforeUpdate out',
  });
}

/** Limits that restrict each other are refused in one order and taken in the other. */
function writeAllLimits(context: Context, limits: readonly FileWrite[]): void {
  for (let i = 0; i < limits.length; i++) {
    const write = limits[i]!;
    const next = limits[i + 1];
    if (!write.swaps || next === undefined) writeLimit(context, write);
    else if (!writeFirst(context, write)) {
      writeLimit(context, next);
      writeLimit(context, write);
      i++;
    }
  }
}

const DEVICES = '/linux/resources/devices';

function applyDevices(context: Context, plan: DevicePlan): void {
  if (plan.kind === 'filter') {
    during('filter devices', () => filterDevices(context, plan), DEVICES);
  } else changeList(context, plan.directory, plan.list);
}

/**
 * bpf(2) is for root of the first user namespace. Without it nobody can make device nodes either, so
 * that a filter of the defaults would change nothing.
 */
function filterDevices(context: Context, plan: DevicePlan & { kind: 'filter' }): void {
  try {
    attachFilter(context, plan.directory, encodeBpf(plan.program));
  } catch (thrown) {
    if (asRuntimeError(thrown).call?.errno !== errno.EPERM) throw thrown;
    if (!isUnprivileged(context, plan.optional)) throw thrown;
    context.log.debug('device rules are not applied: bpf(2) is not for this user');
  }
}

const isUnprivileged = (context: Context, optional: boolean): boolean =>
  (optional && context.host.sys.geteuid() !== 0) || !inFirstUserNamespace(context);

/** The kernel takes one rule a write. */
function changeList(context: Context, directory: string, list: DeviceList): void {
  const present = parseDeviceList(readRecord(context, `${directory}/devices.list`) ?? '');
  for (const { name, values } of deviceWrites(present, list)) {
    writeLimits(context, `${directory}/${name}`, values, DEVICES);
  }
}

/** Filters of cgroups above stay in force: the kernel asks every one of them (BPF_F_ALLOW_MULTI). */
function attachFilter(context: Context, directory: string, program: Uint8Array): void {
  const { sys } = context.host;
  using cgroup = openAt(context, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
  using filter = new Fd(context, sys.loadDeviceFilter(program, program.length / 8));
  const attributes = new Uint32Array([
    cgroup.number,
    filter.number,
    BPF_CGROUP_DEVICE,
    BPF_F_ALLOW_MULTI,
  ]);
  sys.bpf(BPF_PROG_ATTACH, new Uint8Array(attributes.buffer), attributes.byteLength);
}
