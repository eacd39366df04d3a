import { type CallOptions, call, type Finished } from '../../lib/call.js';
import { until } from '../../lib/until.js';
import type { RuntimeName } from '../lib/case.js';
import { idleScript } from '../lib/idle.js';
import { imageName } from '../lib/image.js';
import { programs, worldCgroup } from '../lib/world.js';

let count = 0;

/** One case's view of containerd, by way of ctr; each runtime has a namespace of its own. */
export class CtrSite {
  readonly runtime: RuntimeName;
  readonly folder: string;
  readonly image = imageName;
  readonly #address: string;
  readonly #ids: string[] = [];

  constructor(runtime: RuntimeName, folder: string, address: string) {
    this.runtime = runtime;
    this.folder = folder;
    this.#address = address;
  }

  ctr(...args: readonly string[]): Promise<Finished> {
    return this.with({}, ...args);
  }

  with(options: CallOptions, ...args: readonly string[]): Promise<Finished> {
    return call(this.folder, this.#words(args), options);
  }

  /** In a terminal of its own. ctr complains when a command has ended before it tells its size. */
  async onTerminal(...args: readonly string[]): Promise<Finished> {
    const line = this.#words(args)
      .map((word) => `'${word}'`)
      .join(' ');
    const env = { SHELL: '/bin/sh', TERM: 'xterm' };
    const finished = await call(this.folder, ['script', '-qec', line, '/dev/null'], { env });
    return { ...finished, stdout: finished.stdout.replaceAll(/[^\n]*resize pty[^\n]*\n/g, '') };
  }

  #words(args: readonly string[]): readonly string[] {
    return ['ctr', '--address', this.#address, '--namespace', `ctr-${this.runtime}`, ...args];
  }

  /** Arguments of `ctr run` for a container that nobody has yet, its id at the end. */
  newContainer(...options: readonly string[]): readonly string[] {
    const id = `${this.runtime}-${count++}`;
    this.#ids.push(id);
    const cgroup = this.cgroupOf(id);
    const program = programs[this.runtime];
    return ['run', '--runc-binary', program, '--cgroup', cgroup, ...options, this.image, id];
  }

  run(options: readonly string[], ...command: readonly string[]): Promise<Finished> {
    return this.ctr(...this.newContainer('--rm', ...options), ...command);
  }

  async start(options: readonly string[], ...command: readonly string[]): Promise<string> {
    const args = this.newContainer('--detach', ...options);
    const { status, stderr } = await this.ctr(...args, ...command);
    if (status !== 0) throw new Error(`ctr run: ${stderr}`);
    return args.at(-1) ?? '';
  }

  cgroupOf(id: string): string {
    return `${worldCgroup}/ctr/${id}`;
  }

  idle(...options: readonly string[]): Promise<string> {
    return this.start(options, 'sh', '-c', idleScript(4));
  }

  async statusOf(id: string): Promise<string> {
    const { stdout } = await this.ctr('tasks', 'ls');
    return new RegExp(`^${id}\\s+\\d+\\s+(\\w+)`, 'm').exec(stdout)?.[1] ?? '';
  }

  untilStatus(id: string, wanted: string): Promise<string> {
    return until(`the task ${id} is ${wanted}`, async () => {
      const found = await this.statusOf(id);
      return found === wanted && found;
    });
  }

  /** ctr ends with 0 whatever the task has ended with, but tells it. */
  async deleteTask(...args: readonly string[]): Promise<number> {
    const { stderr } = await this.ctr('tasks', 'delete', ...args);
    return Number(/exit code (\d+)/.exec(stderr)?.[1] ?? -1);
  }

  async close(): Promise<void> {
    for (const id of this.#ids) {
      await this.ctr('tasks', 'rm', '--force', id);
      await this.ctr('containers', 'rm', id);
    }
  }
}
