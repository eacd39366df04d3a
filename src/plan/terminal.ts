import type { Process } from '../generated/spec-types.js';
import type { MountPlan, TerminalPlan } from './plan.js';

/** config.md#process: without a terminal the size means nothing. */
export function planTerminal(
  { terminal, consoleSize }: Pick<Process, 'terminal' | 'consoleSize'>,
  console: TerminalPlan['console'],
): TerminalPlan | null {
  if (terminal !== true) return null;
  const size = consoleSize ? { rows: consoleSize.height, columns: consoleSize.width } : null;
  return { console, size };
}

/** config-linux.md#default-devices. In a /dev of the host nothing is made. */
export function planConsole(
  ownMounts: boolean,
  mounts: readonly MountPlan[],
): TerminalPlan['console'] {
  if (!ownMounts) return null;
  const bound = mounts.some(({ kind, destination }) => kind === 'bind' && destination === '/dev');
  return bound ? 'found' : 'made';
}
