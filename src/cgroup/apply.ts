import { during, RuntimeError } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { filterDevices } from './device-filter.js';
import type { CgroupPlan, DevicePlan, FileWrite, UsageCheck } from './driver.js';
import { readRecord } from './files.js';
import type { Journal } from './journal.js';
import { controllerOf } from './rows.js';
import { type DeviceList, deviceWrites, parseDeviceList } from './v1/devices.js';
import { writeLimits, writeTogether } from './write.js';

/** Puts every limit and the device rules in force. */
export function applyLimits(context: Context, plan: CgroupPlan): void {
  checkLimits(context, plan);
  writeAllLimits(context, plan.limits);
  if (plan.devices !== null) applyDevices(context, plan.devices);
}

/** What is told before any limit is written, and what stands against writing them. */
export function checkLimits(
  context: Context,
  { notes, checks }: Pick<CgroupPlan, 'notes' | 'checks'>,
): void {
  for (const note of notes) context.log.warn(note);
  for (const check of checks) checkUsage(context, check);
}

/** Only where the container may run; what else is limited waits until it is ready. */
export const applyCpuset = (context: Context, { limits }: CgroupPlan): void =>
  writeAllLimits(
    context,
    limits.filter(({ file }) => /\/cpuset\.[a-z]+$/.test(file)),
  );

function checkUsage(context: Context, { what, files, most, at }: UsageCheck): void {
  const used = files.reduce(
    (sum, file) => sum + BigInt(readRecord(context, file)?.trim() ?? '0'),
    0n,
  );
  if (used <= BigInt(most)) return;
  throw new RuntimeError('host', `rejecting ${what} ${most}: ${used} bytes are in use`, {
    at,
    hint: 'raise the limit, or leave checkBeforeUpdate out',
  });
}

/** Memory and swap, a quota and its burst. */
const restrict = (a: FileWrite, b: FileWrite | undefined): boolean =>
  a.swaps === true && b?.swaps === true && controllerOf(a.file) === controllerOf(b.file);

/** One after the other, but those that restrict each other together. */
export function writeAllLimits(
  context: Context,
  limits: readonly FileWrite[],
  journal: Journal | null = null,
): void {
  for (let start = 0; start < limits.length; ) {
    let end = start + 1;
    while (restrict(limits[end - 1]!, limits[end])) end++;
    writeTogether(context, limits.slice(start, end), journal);
    start = end;
  }
}

const DEVICES = '/linux/resources/devices';

function applyDevices(context: Context, plan: DevicePlan): void {
  if (plan.kind === 'filter') {
    during('filter devices', () => filterDevices(context, plan), DEVICES);
  } else changeList(context, plan.directory, plan.list);
}

/** The kernel takes one rule a write. */
function changeList(context: Context, directory: string, list: DeviceList): void {
  const present = parseDeviceList(readRecord(context, `${directory}/devices.list`) ?? '');
  for (const { name, values } of deviceWrites(present, list)) {
    writeLimits(context, `${directory}/${name}`, values, DEVICES);
  }
}
