import { readFileSync } from 'node:fs';
import type { CapabilitySet } from '../../lib/config.js';

export type Capabilities = Partial<Record<CapabilitySet, readonly string[]>>;

export const capabilitySets: readonly CapabilitySet[] = [
  'bounding',
  'effective',
  'permitted',
  'inheritable',
  'ambient',
];

/** linux/capability.h: the place in the list is the number. */
export const capabilityNames: readonly string[] = `
  CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
  NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT
  SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
  AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ
  PERFMON BPF CHECKPOINT_RESTORE`
  .trim()
  .split(/\s+/)
  .map((name) => `CAP_${name}`);

/** As proc_pid_status(5) shows it. */
export const maskOf = (text = '0'): bigint => BigInt(`0x${text}`);

/** In the order of their numbers; those of later kernels by number. */
export const namesIn = (mask: bigint): string[] =>
  Array.from({ length: 64 }, (_, number) => number)
    .filter((number) => (mask >> BigInt(number)) & 1n)
    .map((number) => capabilityNames[number] ?? `CAP_${number}`);

/** How many of the names the running kernel knows. */
export const knownCount = (): number =>
  Math.min(
    Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')) + 1,
    capabilityNames.length,
  );

/** What this process, and with it the runtime, can ever have. */
export const ownBounding = (): bigint =>
  maskOf(/^CapBnd:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

/** Those that this kernel has, and that this process cannot have. */
export const withheldNames = (): string[] =>
  capabilityNames.slice(0, knownCount()).filter((name) => !namesIn(ownBounding()).includes(name));
