import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Complaint } from '../../native/setup/complaint.js';

export interface Finished {
  readonly milliseconds: number;
  /** Open for as long as the container, which inherits it. */
  readonly stdout: Readable;
  /** What came out of it so far. */
  readonly output: () => string;
}

/** A runtime under its own state directory. */
export class Runtime {
  readonly #program: string;
  readonly #root: string;

  constructor(program: string, root: string) {
    this.#program = program;
    this.#root = root;
  }

  /** Measured from before it is started to its exit; its output stays open for the container. */
  async run(...args: readonly string[]): Promise<Finished> {
    const before = performance.now();
    const child = spawn(this.#program, ['--root', this.#root, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      process.stdout.write(chunk);
    });
    child.stderr.pipe(process.stderr, { end: false });
    const [status] = await once(child, 'exit');
    const milliseconds = performance.now() - before;
    if (status !== 0) throw new Complaint(`${this.#program} ${args.join(' ')} failed (${status}).`);
    return { milliseconds, stdout: child.stdout, output: () => Buffer.concat(chunks).toString() };
  }

  status(id: string): string {
    const { stdout } = this.#silently('state', id);
    return stdout === '' ? 'unknown' : JSON.parse(stdout).status;
  }

  /** For cleaning up: whether there was something to delete does not matter. */
  forceDelete(id: string): void {
    this.#silently('delete', '--force', id);
  }

  #silently(...args: readonly string[]) {
    return spawnSync(this.#program, ['--root', this.#root, ...args], { encoding: 'utf8' });
  }
}
