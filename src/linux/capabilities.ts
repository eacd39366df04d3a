/** capabilities(7), in the order of their bits. */
export const capabilityNames = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

/** A set of capabilities as the two 32-bit halves that capset(2) takes. */
export interface CapabilitySet {
  readonly low: number;
  readonly high: number;
}

export const capabilityBit = (name: string): number =>
  (capabilityNames as readonly string[]).indexOf(name);

export const has = (set: CapabilitySet, bit: number): boolean =>
  bit < 32 ? ((set.low >>> bit) & 1) === 1 : ((set.high >>> (bit - 32)) & 1) === 1;

export function capabilitySet(bits: readonly number[]): CapabilitySet {
  let low = 0;
  let high = 0;
  for (const bit of bits) {
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  return { low: low >>> 0, high: high >>> 0 };
}

export const allCapabilities = capabilitySet(capabilityNames.map((_, bit) => bit));

export const intersection = (a: CapabilitySet, b: CapabilitySet): CapabilitySet => ({
  low: (a.low & b.low) >>> 0,
  high: (a.high & b.high) >>> 0,
});

export const union = (a: CapabilitySet, b: CapabilitySet): CapabilitySet => ({
  low: (a.low | b.low) >>> 0,
  high: (a.high | b.high) >>> 0,
});
