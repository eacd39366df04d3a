import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Complaint } from './complaint.js';
import { root } from './paths.js';
import { progress } from './progress.js';

const stillWorkingAfter = 5_000;
const linesShownOnFailure = 25;

/** Runs a program whose output belongs on the screen; the exit status is the caller's to judge. */
export function show(command: string, args: readonly string[], env = {}): Promise<number> {
  return exitOf(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: merged(env) });
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a program that cleans up when it gets a signal: ours go to it, and it is waited for. */
export async function handOver(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, [...args], { cwd: root, stdio: 'inherit' });
  for (const name of forwarded) process.on(name, () => child.kill(name));
  const [status] = (await once(child, 'exit')) as [number | null];
  return status ?? 128;
}

/** Runs a program whose output matters only if it fails; its last line proves that it works. */
export async function quietly(what: string, command: string, args: readonly string[], env = {}) {
  progress(what);
  const lines: string[] = [];
  const timer = setInterval(() => progress(`… ${lines.at(-1) ?? what}`), stillWorkingAfter);
  try {
    const status = await exitOf(command, args, { env: merged(env) }, lines);
    if (status === 0) return;
    const shown = lines.slice(-linesShownOnFailure);
    throw new Complaint(`${command} ${args.join(' ')} failed (${status}):`, ...shown);
  } finally {
    clearInterval(timer);
  }
}

function merged(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, ...env };
}

function exitOf(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  lines: string[] = [],
): Promise<number> {
  return new Promise((resolve, reject) => {
    const stdio = options.stdio ?? ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, [...args], { cwd: root, ...options, stdio });
    const collect = (chunk: Buffer) => lines.push(...nonEmptyLines(chunk.toString()));
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', (error) => reject(new Complaint(`cannot run ${command}: ${error.message}`)));
    // As a shell counts: 128 and the signal's number are above every status of our programs.
    child.on('close', (status) => resolve(status ?? 128));
  });
}

function nonEmptyLines(text: string): string[] {
  return text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
}
