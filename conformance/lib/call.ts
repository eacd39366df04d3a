import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { patience } from './until.js';

export interface CallOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A descriptor; /dev/null otherwise. */
  readonly stdin?: number;
  /** Descriptors that the program gets as 3, 4 … */
  readonly extraFds?: readonly number[];
  readonly uid?: number;
  readonly gid?: number;
}

/** A program that has been started with its output going to files, which outlive it. */
export interface Running {
  readonly child: ChildProcess;
  /** Whatever was written so far, also by those who inherited the descriptor. */
  stdout(): string;
  stderr(): string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  ended(): Promise<Finished>;
}

export interface Finished {
  /** Exit code; null after a signal. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly running: Running;
}

const environment = { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin' };
const longest = 2.5 * patience;

let calls = 0;

/**
 * Output goes to files and not to pipes: a container inherits it and lives on, so the end of a pipe
 * would not be the end of the call.
 */
export function startCall(
  folder: string,
  command: readonly string[],
  { cwd = folder, env = {}, stdin, extraFds = [], ...user }: CallOptions = {},
): Running {
  const number = calls++;
  const stdoutFile = join(folder, `out-${number}`);
  const stderrFile = join(folder, `err-${number}`);
  const [out, err] = [openSync(stdoutFile, 'a'), openSync(stderrFile, 'a')];
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { ...environment, ...env },
    stdio: [stdin ?? 'ignore', out, err, ...extraFds],
    ...user,
    timeout: longest,
    killSignal: 'SIGKILL',
  });
  for (const fd of [out, err]) closeSync(fd);
  const end = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const text = (file: string) => readFileSync(file, 'utf8');
  const running: Running = {
    child,
    stdoutFile,
    stderrFile,
    stdout: () => text(stdoutFile),
    stderr: () => text(stderrFile),
    async ended() {
      const [status, signal] = await end;
      return { status, signal, stdout: text(stdoutFile), stderr: text(stderrFile), running };
    },
  };
  return running;
}

export const call = (
  folder: string,
  command: readonly string[],
  options?: CallOptions,
): Promise<Finished> => startCall(folder, command, options).ended();
