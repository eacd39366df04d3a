import { RuntimeError } from '../errors/error.js';
import type { Int64, LinuxMemory } from '../generated/spec-types.js';

/** Zero means "not set" wherever a cgroup cannot be limited to nothing, as callers expect. */
export const isSet = (value: Int64 | undefined): value is Int64 =>
  value !== undefined && Number(value) !== 0;

/** A limit as the kernel reads it: exact decimals, or what stands for no limit. */
export const limitText = (value: Int64 | undefined, unlimited: string): string | undefined => {
  if (!isSet(value)) return undefined;
  return value < 0 ? unlimited : String(value);
};

const amounts = ['limit', 'reservation', 'swap', 'kernel', 'kernelTCP'] as const;

/** The kernel's v1 files show this much, rounded down to pages, where there is no limit. */
const UNLIMITED = 2n ** 63n - 1n - 2n ** 16n;

const invalid = (field: string, message: string, hint?: string): RuntimeError =>
  new RuntimeError('invalid-config', message, {
    at: `/linux/resources/memory/${field}`,
    ...(hint !== undefined && { hint }),
  });

/** What a file of either mode says about memory; null: there is no limit. */
export function limitOf(text: string): bigint | null {
  const digits = text.trim();
  if (!/^\d+$/.test(digits)) return null;
  const limit = BigInt(digits);
  return limit > UNLIMITED ? null : limit;
}

/** The limit of memory that will hold: the one that is asked for, or the one that is there. */
export function effectiveLimit({ limit }: LinuxMemory, present: string | undefined): Int64 {
  if (isSet(limit)) return limit;
  return limitOf(present ?? '') ?? -1;
}

/**
 * Memory limits that no kernel can make sense of, in either mode. `present` is the limit of a
 * container that is there.
 */
export function checkMemory(memory: LinuxMemory, present: string | undefined): void {
  for (const field of amounts) {
    const value = memory[field];
    if (value !== undefined && value < -1) {
      throw invalid(field, `memory ${field} is ${value}: must be -1 (no limit) or more`);
    }
  }
  const { swap } = memory;
  if (swap === undefined || swap <= 0) return;
  const limit = effectiveLimit(memory, present);
  if (limit <= 0) {
    throw invalid('swap', 'unable to set swap limit without memory limit', 'swap counts both');
  }
  if (swap < limit) {
    throw invalid('swap', `memory+swap limit ${swap} is below the memory limit ${limit}`);
  }
}

/** Memory without a limit leaves swap without one, unless swap has its own. */
export const swapUnlimited = ({ limit, swap }: LinuxMemory): boolean =>
  isSet(swap) ? swap < 0 : limit !== undefined && limit < 0;
