import { RuntimeError } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { describeStatus, runProgram } from '../host/program.js';
import { AT_EACCESS, AT_FDCWD, X_OK } from '../linux/constants.js';

/** What to do about a helper that is not there, and about one that refuses. */
export interface Advice {
  readonly missing: string;
  readonly failed: string;
}

const usual = '/usr/bin:/bin:/usr/sbin:/sbin';

/** Where a program of the host is; only absolute entries of PATH count. */
export function findProgram(context: Context, name: string): string | undefined {
  const { environment } = context.host.engine;
  const path = environment.find((entry) => entry.startsWith('PATH='))?.slice(5) || usual;
  const candidates = path.split(':').filter((directory) => directory.startsWith('/'));
  return candidates
    .map((directory) => `${directory}/${name}`)
    .find((file) => context.host.raw.faccessat2(AT_FDCWD, file, X_OK, AT_EACCESS) === 0);
}

/** Long enough for any machine; a helper that hangs must not hang us. */
const PATIENCE = 60_000;

/** Runs a program that has a privilege which its caller lacks; throws what it says when it fails. */
export function runHelper(
  context: Context,
  name: string,
  args: readonly string[],
  advice: Advice,
): void {
  const path = findProgram(context, name);
  if (path === undefined)
    throw new RuntimeError('host', `the program ${name} is not in $PATH`, { hint: advice.missing });
  const { environment: env } = context.host.engine;
  const run = { path, args: [name, ...args], env, input: '', timeoutMs: PATIENCE };
  const { status, stderr } = runProgram(context, run);
  if (status === 0) return;
  const said = stderr.trim().replaceAll('\n', '; ') || describeStatus(status);
  throw new RuntimeError('host', `${name} ${args.join(' ')}: ${said}`, { hint: advice.failed });
}
