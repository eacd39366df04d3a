import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { findProgram } from '../../native/setup/paths.js';
import { progress } from '../../native/setup/progress.js';
import { onAbort } from './askers.js';
import { tied } from './contained.js';
import type { Image } from './vm-image.js';

const emulator = 'qemu-system-x86_64';

interface Accelerator {
  readonly name: string;
  readonly options: readonly string[];
}

const kvm: Accelerator = { name: 'KVM', options: ['-accel', 'kvm', '-cpu', 'host'] };
const software: Accelerator = {
  name: 'software emulation',
  // A fifth level of page tables would only make each walk of them longer.
  options: ['-accel', 'tcg,thread=multi', '-cpu', 'max,la57=off'],
};

const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'];
const size = ['-smp', '2', '-m', '2048'];

/** KVM may be there and boot no guest, as where the host is itself one: only a kernel's word counts. */
async function accelerator(kernel: string): Promise<Accelerator> {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return software;
  }
  // It finds no root file system, panics and so ends.
  const line = 'earlyprintk=ttyS0 console=ttyS0 panic=-1';
  const args = [...kvm.options, ...bare, ...size, '-kernel', kernel, '-append', line];
  const { text } = await run([...args, '-serial', 'stdio'], 10);
  return text.includes('Linux version') ? kvm : software;
}

export interface Guest {
  readonly image: Image;
  /** A second disk. */
  readonly disk: string;
  /** Where the console's lines go. */
  readonly console: string;
  /** Where all goes that comes over the third serial port. */
  readonly documents?: string | undefined;
  /** Seconds. */
  readonly limit: number;
}

export interface Ended {
  /** All that came over the second serial port. */
  readonly text: string;
  /** In words, unless the machine has switched itself off. */
  readonly cut?: string;
}

/** Boots it and waits until it has switched itself off; neither disk keeps what it writes. */
export async function boot(guest: Guest, heard: (text: string) => void): Promise<Ended> {
  const { kernel, initrd, disk } = guest.image;
  const { name, options } = await accelerator(kernel);
  progress(`Booting with ${name}; console: ${guest.console}`);
  const line =
    'console=ttyS0 root=/dev/vda rw panic=-1 apparmor=1 security=apparmor mitigations=off';
  const system = ['-kernel', kernel, '-initrd', initrd, '-append', line];
  const disks = [disk, guest.disk].flatMap((file) => ['-drive', driveOf(file)]);
  const third = guest.documents === undefined ? [] : ['-serial', `file:${guest.documents}`];
  const ports = ['-serial', `file:${guest.console}`, '-serial', 'stdio', ...third];
  return run([...options, ...bare, ...size, ...system, ...disks, ...ports], guest.limit, heard);
}

const driveOf = (file: string): string =>
  `file=${file.replaceAll(',', ',,')},if=virtio,format=raw,snapshot=on,cache=unsafe`;

async function run(
  args: readonly string[],
  limit: number,
  heard: (text: string) => void = () => {},
): Promise<Ended> {
  const [command, words] = tied(findProgram(emulator) ?? emulator, args);
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [text, errors, cut] = ['', '', ''];
  const stop = (why: string) => {
    cut ||= `the emulator was stopped: ${why}`;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => stop(`it took more than ${limit} s`), limit * 1000);
  const watch = onAbort(stop);
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    heard(part);
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    errors += part;
  });
  try {
    const [status, signal] = await once(child, 'close');
    if (status !== 0) cut ||= `the emulator ended with ${signal ?? status}: ${errors.trimEnd()}`;
    return cut === '' ? { text } : { text, cut };
  } finally {
    clearTimeout(timer);
    watch[Symbol.dispose]();
  }
}

/** The end of what the console said, if it came to that. */
export const lastLines = (file: string, count: number): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n') : '';
