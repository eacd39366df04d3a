import { showArgument } from '../linux/batch.js';
import * as constants from '../linux/constants.js';
import { errnoName } from '../linux/errno.js';
import { type NativeName, type NativeRow, natives } from '../linux/natives.js';
import type { FakeMachine } from './fake-machine.js';

/** Names of the bits of a number, and what is left without a name. */
function bits(value: number, prefix: string): string {
  const named = Object.entries(constants).filter(
    ([name, bit]) => name.startsWith(prefix) && bit > 0 && (value & bit) === bit,
  );
  const rest = named.reduce((left, [, bit]) => left & ~bit, value);
  const names = named.map(([name]) => name.slice(prefix.length)).sort();
  return [...names, ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])].join('|') || '0';
}

const words = (bytes: unknown) => new Uint32Array((bytes as Uint8Array).slice().buffer);

function showHow(how: unknown): string {
  const [flags = 0, , , , resolve = 0] = words(how);
  const shown = bits(flags & ~constants.O_CLOEXEC, 'O_');
  return resolve === 0 ? shown : `${shown}, ${bits(resolve, 'RESOLVE_')}`;
}

function showAttributes(attributes: unknown): string {
  const [set = 0, , clear = 0, , propagation = 0] = words(attributes);
  return [
    ...(set === 0 ? [] : [`+${bits(set, 'MOUNT_ATTR_')}`]),
    ...(clear === 0 ? [] : [`-${bits(clear, 'MOUNT_ATTR_')}`]),
    ...(propagation === 0 ? [] : [bits(propagation, 'MS_')]),
  ].join(' ');
}

type Show = (args: readonly unknown[], fd: (number: unknown) => string) => string;

const recursive = (flags: unknown) => (Number(flags) & constants.AT_RECURSIVE ? ', recursive' : '');
const named = (path: unknown) => (path === '' ? '' : ` ${JSON.stringify(path)}`);

const fsCommands: Readonly<Record<number, string>> = {
  [constants.FSCONFIG_CMD_CREATE]: 'create',
  [constants.FSCONFIG_CMD_RECONFIGURE]: 'reconfigure',
};

/** Calls that say more in other words than their arguments. */
const shows: Partial<Record<NativeName, Show>> = {
  openat2: ([dir, path, how], fd) => `${fd(dir)}${named(path)}, ${showHow(how)}`,
  statx: ([dir, path], fd) => `${fd(dir)}${named(path)}`,
  openTree: ([dir, path, flags], fd) => `${fd(dir)}${named(path)}${recursive(flags)}`,
  moveMount: ([from, , to, path], fd) => `${fd(from)} to ${fd(to)}${named(path)}`,
  mountSetattr: ([mount, , flags, change], fd) =>
    `${fd(mount)}, ${showAttributes(change)}${recursive(flags)}`,
  fsopen: ([type]) => JSON.stringify(type),
  fspick: ([dir, path], fd) => `${fd(dir)}${named(path)}`,
  fsconfig: ([fs, command, key, value], fd) => {
    const verb = fsCommands[Number(command)] ?? `${key}${value === null ? '' : `=${value}`}`;
    return `${fd(fs)}, ${verb}`;
  },
  fsmount: ([fs, , attributes], fd) => `${fd(fs)}, ${bits(Number(attributes), 'MOUNT_ATTR_')}`,
  mkdirat: ([dir, path, mode], fd) => `${fd(dir)}${named(path)}, 0${Number(mode).toString(8)}`,
  mknodat: ([dir, path, mode, device], fd) =>
    `${fd(dir)}${named(path)}, 0${Number(mode).toString(8)}, 0x${Number(device).toString(16)}`,
  // How large a buffer is says nothing.
  read: ([file], fd) => fd(file),
  readlinkat: ([dir, path], fd) => `${fd(dir)}${named(path)}`,
  getdents64: ([directory], fd) => fd(directory),
  fstatfs: ([file], fd) => fd(file),
  getcwd: () => '',
  finish: ([channel], fd) => fd(channel),
  runProgram: ([, , input, , , timeout]) =>
    `${Buffer.from(input as Uint8Array).toString()}, ${timeout} ms`,
  sendFds: ([socket, data], fd) =>
    `${fd(socket)}, ${JSON.stringify(Buffer.from(data as Uint8Array).toString())}`,
  umask: ([mask]) => `0${Number(mask).toString(8)}`,
  write: ([file, data], fd) =>
    `${fd(file)}, ${JSON.stringify(Buffer.from(data as Uint8Array).toString())}`,
};

const answersDescriptor: readonly NativeName[] = [
  'openat2',
  'openTree',
  'fsopen',
  'fsmount',
  'fspick',
  'socket',
  'memfdCreate',
  'pidfdOpen',
];

/** A call as a line, its descriptors under the names of what they stand for. */
export function showCall(
  machine: FakeMachine,
  name: NativeName,
  args: readonly unknown[],
  result: number,
): string {
  const row: NativeRow = natives[name];
  const fd = (number: unknown) => `<${machine.table.get(Number(number))?.name ?? 'cwd'}>`;
  const show: Show =
    shows[name] ??
    (() =>
      args
        .map((value, i) => {
          const type = row.args[i]?.[1];
          return type === 'fd' && machine.table.has(Number(value))
            ? fd(value)
            : showArgument(type, value);
        })
        .join(', '));
  const shown = `${row.call ?? name}(${show(args, fd)})`;
  if (result < 0) return `${shown} = ${errnoName(-result)}`;
  return answersDescriptor.includes(name) ? `${shown} = ${fd(result)}` : shown;
}
