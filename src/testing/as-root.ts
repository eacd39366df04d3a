import { describe } from 'vitest';

/** For tests that act on the kernel as root: for anyone else they are skipped, and say why. */
export function describeAsRoot(name: string, tests: () => void): void {
  if (process.getuid?.() === 0) describe(name, tests);
  else describe.skip(`${name} (needs root)`, tests);
}
