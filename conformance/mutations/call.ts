/** One call of the wrapper: what somebody asks of the runtime. */
import { spawn } from 'node:child_process';
import { appendFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type Arguments, parseArguments } from './arguments.js';
import { type Note, wordFor } from './notes.js';

export interface Ended {
  readonly status: number;
  /** Only if they were asked for. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What the runtime gets in place of what the wrapper has. */
export interface Streams {
  readonly stdout?: 'pipe' | 'ignore' | number;
  readonly stderr?: 'pipe' | 'ignore';
  readonly env?: NodeJS.ProcessEnv;
  /** A descriptor, which becomes its 3. */
  readonly extra?: number;
}

/** Of whoever called: a file or a socket; Node's own come after them and are neither. */
function isInherited(fd: number): boolean {
  try {
    return /^(\/|socket:)/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false;
  }
}

function inherited(): number[] {
  const fds: number[] = [];
  for (let fd = 3; isInherited(fd); fd++) fds.push(fd);
  return fds;
}

const forwarded = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2', 'SIGWINCH'] as const;

export class Call {
  readonly #runtime: readonly string[];
  readonly #notes: string;
  /** Without the program. */
  readonly words: readonly string[];
  readonly arguments: Arguments;

  constructor(runtime: readonly string[], notes: string, words: readonly string[]) {
    this.#runtime = runtime;
    this.#notes = notes;
    this.words = words;
    this.arguments = parseArguments(words);
  }

  get bundle(): string {
    return this.arguments.option('bundle', 'b') ?? '.';
  }

  get configFile(): string {
    return join(this.bundle, 'config.json');
  }

  /** For whoever judges the tests: {@link Note}. */
  note(what: Note): void {
    appendFileSync(this.#notes, wordFor(what));
  }

  /** Does what was asked for, or something else. */
  run(words: readonly string[] = this.words, streams: Streams = {}): Promise<Ended> {
    const [program = '', ...before] = this.#runtime;
    const { stdout = 'inherit', stderr = 'inherit', env = process.env, extra } = streams;
    const fds = extra === undefined ? inherited() : [extra];
    const child = spawn(program, [...before, ...words], {
      env,
      stdio: ['inherit', stdout, stderr, ...fds],
    });
    for (const signal of forwarded) process.on(signal, () => child.kill(signal));
    const [out, err] = [child.stdout, child.stderr].map((stream) => {
      const said: Buffer[] = [];
      stream?.on('data', (bytes: Buffer) => said.push(bytes));
      return said;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      // Not `exit`: by then not everything has been read.
      child.once('close', (status, signal) => {
        const killed = signal === null ? 0 : 128 + constants.signals[signal];
        const text = (said: readonly Buffer[] = []) => Buffer.concat(said).toString();
        resolve({ status: status ?? killed, stdout: text(out), stderr: text(err) });
      });
    });
  }

  /** Does what was asked for, and answers the exit status. */
  async pass(words?: readonly string[], streams?: Streams): Promise<number> {
    return (await this.run(words, streams)).status;
  }

  /** Another command about the same containers, quietly. */
  aside(...words: readonly string[]): Promise<Ended> {
    return this.run([...this.arguments.globals, ...words], { stdout: 'pipe', stderr: 'ignore' });
  }
}
