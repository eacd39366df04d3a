import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

export interface Compilation {
  readonly source: string;
  readonly object: string;
  readonly flags: readonly string[];
  /** Default: the machine's own. */
  readonly compiler?: string;
  /** Includes files that the preprocessor does not see. */
  readonly always?: boolean;
}

const execute = promisify(execFile);

/** The compiler's own complaint says all; what it was given is of no interest. */
async function cc(
  compiler: string,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  try {
    return await execute(compiler, args, { maxBuffer: 64 << 20 });
  } catch (thrown) {
    const { stderr } = thrown as { stderr?: string };
    throw new Error(stderr || String(thrown));
  }
}

/** What the object depends on: the preprocessed source and the flags. */
async function stamp({ source, flags, compiler = 'cc' }: Compilation): Promise<string> {
  const { stdout } = await cc(compiler, ['-E', '-P', ...flags, source]);
  return createHash('sha256')
    .update([compiler, ...flags].join('\0'))
    .update(stdout)
    .digest('hex');
}

async function compile(task: Compilation): Promise<void> {
  const mark = `${task.object}.stamp`;
  const wanted = await stamp(task);
  const known = existsSync(task.object) && existsSync(mark) && readFileSync(mark, 'utf8');
  if (known === wanted && !task.always) return;
  const { stderr } = await cc(task.compiler ?? 'cc', [
    '-c',
    ...task.flags,
    task.source,
    '-o',
    task.object,
  ]);
  process.stderr.write(stderr);
  writeFileSync(mark, wanted);
}

/** Compiles as many at a time as there are processors; unchanged sources cost a preprocessing. */
export async function compileAll(tasks: readonly Compilation[]): Promise<void> {
  const queue = [...tasks];
  const worker = async () => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) await compile(task);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}
