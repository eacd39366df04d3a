import { join } from 'node:path';
import { type CallOptions, call, type Finished } from '../../lib/call.js';
import { until } from '../../lib/until.js';
import type { RuntimeName } from '../lib/case.js';
import { idleScript } from '../lib/idle.js';
import { imageName } from '../lib/image.js';
import type { PodmanHome } from './home.js';

let count = 0;

/** One case's view of Podman: what it makes has names of its own, and goes with it. */
export class PodmanSite {
  readonly runtime: RuntimeName;
  readonly image = imageName;
  readonly #home: PodmanHome;
  readonly #names: string[] = [];
  readonly #pods: string[] = [];

  constructor(runtime: RuntimeName, home: PodmanHome) {
    this.runtime = runtime;
    this.#home = home;
  }

  podman(...args: readonly string[]): Promise<Finished> {
    return this.with({}, ...args);
  }

  with({ env, ...options }: CallOptions, ...args: readonly string[]): Promise<Finished> {
    const { folder, command } = this.#home;
    return call(folder, [...command, ...args], { ...options, env: { ...this.#home.env, ...env } });
  }

  /** In a terminal of its own. */
  onTerminal(...args: readonly string[]): Promise<Finished> {
    const { folder, command, env } = this.#home;
    const line = [...command, ...args].map((word) => `'${word}'`).join(' ');
    return call(folder, ['script', '-qec', line, '/dev/null'], {
      env: { ...env, SHELL: '/bin/sh' },
    });
  }

  /** Until it ends. */
  run(options: readonly string[], ...command: readonly string[]): Promise<Finished> {
    return this.podman('run', '--rm', ...this.options(options), this.image, ...command);
  }

  /** For a container that nobody has yet. */
  options(options: readonly string[]): readonly string[] {
    const network = options.includes('--pod') ? [] : ['--network', 'none'];
    return ['--name', this.name('c'), ...network, ...options];
  }

  name(kind: 'c' | 'pod'): string {
    const name = `${this.runtime}-${kind}-${count++}`;
    (kind === 'pod' ? this.#pods : this.#names).push(name);
    return name;
  }

  async start(options: readonly string[], ...command: readonly string[]): Promise<string> {
    const all = this.options(options);
    const { status, stderr } = await this.podman('run', '-d', ...all, this.image, ...command);
    if (status !== 0) throw new Error(`podman run: ${stderr}`);
    return all[1] ?? '';
  }

  idle(...options: readonly string[]): Promise<string> {
    return this.start(options, 'sh', '-c', idleScript(0));
  }

  async inspect(name: string, field: string): Promise<string> {
    const { stdout } = await this.podman('inspect', '--format', `{{${field}}}`, name);
    return stdout.trim();
  }

  until(name: string, field: string, wanted: string): Promise<string> {
    return until(`${field} of ${name} is ${wanted}`, async () => {
      const found = await this.inspect(name, field);
      return found === wanted && found;
    });
  }

  file(name: string): string {
    return join(this.#home.folder, `${this.runtime}-${count++}-${name}`);
  }

  async close(): Promise<void> {
    if (this.#names.length > 0)
      await this.podman('rm', '--force', '--ignore', '--volumes', '--time', '0', ...this.#names);
    if (this.#pods.length > 0)
      await this.podman('pod', 'rm', '--force', '--ignore', '--time', '0', ...this.#pods);
  }
}
