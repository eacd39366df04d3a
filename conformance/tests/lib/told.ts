/** Hooks that write down that they have run. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../lib/config.js';
import type { Hook, HookKind } from '../../lib/hooks.js';
import { probe } from '../../probe/program.js';
import type { Report } from '../../probe/report.js';
import type { Trial } from '../../runner/trial.js';

const folder = 'shared';
const inside = '/shared';
const file = `${folder}/hooks`;

/** Lets hooks inside the container, and its program, write where the others do. */
export function share(trial: Trial, config: Config): void {
  mkdirSync(join(trial.folder, folder), { recursive: true });
  config.mounts.push({
    destination: inside,
    source: join(trial.folder, folder),
    options: ['bind', 'rw'],
  });
}

/**
 * Most run outside of the container, startContainer's inside. All read the state: a runtime that is
 * ended by SIGPIPE while it writes it would fail only sometimes.
 */
export function telling(
  trial: Trial,
  kind: HookKind,
  label: string = kind,
  ...rest: string[]
): Hook {
  const env = [`hook=${label}`];
  if (kind === 'startContainer')
    return { path: '/probe', args: ['probe', 'stdin', ...rest, 'to', `${inside}/hooks`], env };
  mkdirSync(join(trial.folder, folder), { recursive: true });
  return { path: probe(), args: ['probe', 'stdin', ...rest, 'to', trial.file(file)], env };
}

/** The same, but it fails after it has written. */
export function failing(trial: Trial, kind: HookKind, label: string = kind): Hook {
  const hook = telling(trial, kind, label);
  return { ...hook, args: [...(hook.args ?? []), 'exit', '1'] };
}

export const toldByHooks = (trial: Trial): Report[] => trial.told(file);

/** Which ones have run, in order. */
export const hooksRun = (trial: Trial): string[] =>
  toldByHooks(trial).map(({ env }) => env.find((each) => each.startsWith('hook='))?.slice(5) ?? '');
