import { processesIn } from '../cgroup/act.js';
import { RuntimeError } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import { readAll } from '../host/io.js';
import { describeStatus, runProgram } from '../host/program.js';
import { MFD_CLOEXEC, SEEK_SET } from '../linux/constants.js';
import { peek } from '../state/peek.js';
import type { RuntimeContext } from './context.js';
import { findProgram } from './helper.js';

/** The host's numbers of all processes of a container, those in cgroups that it made included. */
export function containerPids(context: RuntimeContext, id: string): number[] {
  const { cgroup } = peek(context, context.root, id);
  if (cgroup.directories.length > 0) return processesIn(context, cgroup);
  throw new RuntimeError('not-supported', `container ${id} has no cgroup that tells its processes`);
}

const jsonHint = '--format json tells the process ids without it';

function findPs(context: RuntimeContext): string {
  const path = findProgram(context, 'ps');
  if (path !== undefined) return path;
  throw new RuntimeError('host', 'the program ps is not in $PATH', {
    hint: `install the package procps; ${jsonHint}`,
  });
}

/** All that ps(1) prints: more than the few KiB that are kept of a program's output. */
function runPs(context: RuntimeContext, options: readonly string[]): string {
  const { engine, sys } = context.host;
  using output = new Fd(context, sys.memfdCreate('ps', MFD_CLOEXEC));
  const { status, stderr } = runProgram(context, {
    path: findPs(context),
    args: ['ps', ...options],
    env: engine.environment,
    input: '',
    timeoutMs: null,
    output: { stdout: output.number },
  });
  if (status !== 0) {
    const said = stderr.trim().replaceAll('\n', '; ') || describeStatus(status);
    throw new RuntimeError('host', `ps ${options.join(' ')}: ${said}`, { hint: jsonHint });
  }
  // The program has moved the offset of the description that it shares with us.
  sys.lseek(output.number, 0, SEEK_SET);
  return engine.decode(readAll(context, output.number));
}

const fieldsOf = (line: string): string[] => line.split(/\s+/).filter((field) => field !== '');

/** The head, and each line whose process is one of these. */
export function linesOf(text: string, pids: readonly number[]): string {
  const [head = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const column = fieldsOf(head).indexOf('PID');
  if (column < 0)
    throw new RuntimeError('usage', "couldn't find PID field in ps output", {
      hint: 'options of ps(1) such as -o must ask for pid, under that name',
    });
  const wanted = new Set(pids.map(String));
  const found = lines.filter((line) => wanted.has(fieldsOf(line)[column] ?? ''));
  return [head, ...found].map((line) => `${line}\n`).join('');
}

/** What ps(1) says of the processes of a container. */
export function processTable(
  context: RuntimeContext,
  id: string,
  options: readonly string[],
): string {
  const pids = containerPids(context, id);
  return linesOf(runPs(context, options.length === 0 ? ['-ef'] : options), pids);
}
