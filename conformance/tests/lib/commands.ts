/** The operations of runtime.md as the words of a command line, from outside and from a hook. */
import { existsSync, readFileSync } from 'node:fs';
import type { Finished } from '../../lib/call.js';
import type { Container, Paths } from '../../lib/container.js';
import type { Hook } from '../../lib/hooks.js';
import type { Trial } from '../../runner/trial.js';

export type Words = (bundle: string, id: string) => readonly string[];

export const commands = {
  create: (bundle, id) => ['create', '--bundle', bundle, id],
  state: (_, id) => ['state', id],
  start: (_, id) => ['start', id],
  kill: (_, id) => ['kill', id, 'KILL'],
  'signal-0': (_, id) => ['kill', id, '0'],
  delete: (_, id) => ['delete', id],
  'delete-force': (_, id) => ['delete', '--force', id],
} as const satisfies Readonly<Record<string, Words>>;

export type Command = keyof typeof commands;

export const perform = (trial: Trial, { bundle, id }: Container, command: Command) =>
  trial.runtime(...commands[command](bundle, id));

/** Of a container that is only now being prepared: its bundle is called like it. */
export const idIn = ({ bundle }: Paths): string => bundle.slice(bundle.lastIndexOf('/') + 1);

// Once: what it calls may run hooks, too.
const record =
  'cat >/dev/null; [ -e "$0.out" ] && exit; "$@" </dev/null >"$0.out" 2>"$0.err"; echo $? >"$0.status"';

/** A hook outside the container that calls the runtime; it never fails. See {@link calledBack}. */
export const callingHook = (trial: Trial, args: readonly string[]): Hook => ({
  path: '/bin/sh',
  args: [
    ...['sh', '-c', record, trial.file('called')],
    ...[...trial.engine.command, '--root', trial.root, ...args],
  ],
  env: [`PATH=${process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`],
});

/** What the call of {@link callingHook} has answered. */
export function calledBack(trial: Trial): Pick<Finished, 'status' | 'stdout' | 'stderr'> {
  const text = (end: string): string => {
    const path = trial.file(`called.${end}`);
    if (!existsSync(path)) throw new Error('the hook has not run to its end');
    return readFileSync(path, 'utf8');
  };
  return { status: Number(text('status')), stdout: text('out'), stderr: text('err') };
}
