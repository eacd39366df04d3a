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

const invalid = (field: string, message: string, hint?: string): RuntimeError =>
  new RuntimeError('invalid-config', message, {
    at: `/linux/resources/memory/${field}`,
    ...(hint !== undefined && { hint }),
  });

/** Memory limits that no kernel can make sense of, in either mode. */
export function checkMemory(memory: LinuxMemory): void {
  for (const field of amounts) {
    const value = memory[field];
    if (value !== undefined && value < -1) {
      throw invalid(field, `memory ${field} is ${value}: must be -1 (no limit) or more`);
    }
  }
  const { limit, swap } = memory;
  if (swap === undefined || swap <= 0) return;
  if (limit === undefined || limit <= 0) {
    throw invalid('swap', 'unable to set swap limit without memory limit', 'swap counts both');
  }
  if (swap < limit) {
    throw invalid('swap', `memory+swap limit ${swap} is below the memory limit ${limit}`);
  }
}

/** Memory without a limit leaves swap without one, unless swap has its own. */
export const swapUnlimited = ({ limit, swap }: LinuxMemory): boolean =>
  isSet(swap) ? swap < 0 : limit !== undefined && limit < 0;
