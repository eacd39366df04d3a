import { asRuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { openAt } from '../host/io.js';
import { inFirstUserNamespace } from '../host/namespace.js';
import { encodeBpf } from '../linux/bpf.js';
import {
  AT_FDCWD,
  BPF_CGROUP_DEVICE,
  BPF_F_ALLOW_MULTI,
  BPF_F_REPLACE,
  BPF_PROG_ATTACH,
  BPF_PROG_DETACH,
  BPF_PROG_GET_FD_BY_ID,
  O_DIRECTORY,
  O_RDONLY,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { DevicePlan } from './driver.js';

/** A cgroup takes no more programs of one kind: BPF_CGROUP_MAX_PROGS. */
const MOST = 64;

const call = (context: Context, command: number, ...fields: readonly number[]): number => {
  const attributes = new Uint32Array(fields);
  const bytes = new Uint8Array(attributes.buffer);
  return context.host.sys.bpf(command, bytes, bytes.length);
};

/** The programs that filter devices for this very cgroup, oldest first. */
function attached(context: Context, cgroup: Fd): number[] {
  const ids = new Uint32Array(MOST);
  const bytes = new Uint8Array(ids.buffer);
  const count = context.host.sys.deviceFilters(cgroup.number, bytes, MOST);
  return [...ids.subarray(0, count)];
}

const programOf = (context: Context, id: number): Fd =>
  new Fd(context, call(context, BPF_PROG_GET_FD_BY_ID, id));

function detach(context: Context, cgroup: Fd, id: number): void {
  using program = programOf(context, id);
  call(context, BPF_PROG_DETACH, cgroup.number, program.number, BPF_CGROUP_DEVICE, 0);
}

/** One program takes the place of another: at no moment do both hold, or none. */
function replace(context: Context, cgroup: Fd, program: Fd, id: number): void {
  using old = programOf(context, id);
  const flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
  const fields = [cgroup.number, program.number, BPF_CGROUP_DEVICE, flags, old.number];
  call(context, BPF_PROG_ATTACH, ...fields);
}

/**
 * Makes `program` the only filter of this cgroup. Filters of cgroups above stay in force: the kernel
 * asks every one of them (BPF_F_ALLOW_MULTI).
 */
function attach(context: Context, directory: string, program: Uint8Array): void {
  using cgroup = openAt(context, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
  using filter = new Fd(context, context.host.sys.loadDeviceFilter(program, program.length / 8));
  const [first, ...others] = attached(context, cgroup);
  if (first !== undefined) replace(context, cgroup, filter, first);
  else {
    const { number } = filter;
    call(context, BPF_PROG_ATTACH, cgroup.number, number, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI);
  }
  for (const id of others) detach(context, cgroup, id);
}

/**
 * bpf(2) is for root of the first user namespace. Without it nobody can make device nodes either, so
 * that a filter of the defaults would change nothing.
 */
function unlessUnprivileged(context: Context, optional: boolean, act: () => void): void {
  try {
    act();
  } catch (thrown) {
    if (asRuntimeError(thrown).call?.errno !== errno.EPERM) throw thrown;
    if (!isUnprivileged(context, optional)) throw thrown;
    context.log.debug('device rules are not applied: bpf(2) is not for this user');
  }
}

export const filterDevices = (context: Context, plan: DevicePlan & { kind: 'filter' }): void =>
  unlessUnprivileged(context, plan.optional, () =>
    attach(context, plan.directory, encodeBpf(plan.program)),
  );

/** What an earlier container has left on a cgroup would hold for the next one too. */
export const dropFilters = (context: Context, directory: string): void =>
  unlessUnprivileged(context, true, () => {
    using cgroup = openAt(context, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
    for (const id of attached(context, cgroup)) detach(context, cgroup, id);
  });

const isUnprivileged = (context: Context, optional: boolean): boolean =>
  (optional && context.host.sys.geteuid() !== 0) || !inFirstUserNamespace(context);
