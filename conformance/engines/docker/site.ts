import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type CallOptions, call, type Finished } from '../../lib/call.js';
import { until } from '../../lib/until.js';
import type { RuntimeName } from '../lib/case.js';
import { idleScript } from '../lib/idle.js';
import { imageName } from '../lib/image.js';
import { type Dockerd, dockerClient } from './daemon.js';

let count = 0;

/** One case's view of a dockerd: what it starts has its label, and goes with it. */
export class DockerSite {
  readonly runtime: RuntimeName;
  readonly folder: string;
  readonly image = imageName;
  readonly #host: string;
  readonly #label = `case=${count++}`;

  constructor(runtime: RuntimeName, { folder, socket }: Dockerd) {
    this.runtime = runtime;
    this.folder = folder;
    this.#host = `unix://${socket}`;
  }

  docker(...args: readonly string[]): Promise<Finished> {
    return this.with({}, ...args);
  }

  with({ env, ...options }: CallOptions, ...args: readonly string[]): Promise<Finished> {
    const home = { DOCKER_HOST: this.#host, HOME: this.folder, ...env };
    return call(this.folder, [dockerClient, ...args], { ...options, env: home });
  }

  /** In a terminal of its own. */
  onTerminal(...args: readonly string[]): Promise<Finished> {
    const line = [dockerClient, ...args].map((word) => `'${word}'`).join(' ');
    const env = { DOCKER_HOST: this.#host, HOME: this.folder, SHELL: '/bin/sh' };
    return call(this.folder, ['script', '-qec', line, '/dev/null'], { env });
  }

  /** Until it ends. */
  run(options: readonly string[], ...command: readonly string[]): Promise<Finished> {
    return this.docker('run', '--rm', ...this.options(options), imageName, ...command);
  }

  /** As `run`, with a file as its input. */
  async withInput(
    file: string,
    options: readonly string[],
    ...command: readonly string[]
  ): Promise<Finished> {
    const stdin = openSync(file, 'r');
    try {
      const args = ['run', '--rm', ...this.options(options), imageName, ...command];
      return await this.with({ stdin }, ...args);
    } finally {
      closeSync(stdin);
    }
  }

  options(options: readonly string[]): readonly string[] {
    return ['--label', this.#label, '--network', 'none', ...options];
  }

  /** In the background; its id. */
  async start(options: readonly string[], ...command: readonly string[]): Promise<string> {
    const args = ['run', '--detach', ...this.options(options), imageName, ...command];
    const { status, stdout, stderr } = await this.docker(...args);
    if (status !== 0) throw new Error(`docker run: ${stderr}`);
    return stdout.trim();
  }

  /** One that does nothing until it is told to end. */
  idle(...options: readonly string[]): Promise<string> {
    return this.start(options, 'sh', '-c', idleScript(0));
  }

  async inspect(id: string, field: string): Promise<string> {
    const { stdout } = await this.docker('inspect', '--format', `{{${field}}}`, id);
    return stdout.trim();
  }

  /** Looks at it until it is as wanted. */
  until(id: string, field: string, wanted: string): Promise<string> {
    return until(`${field} of ${this.runtime}'s container is ${wanted}`, async () => {
      const found = await this.inspect(id, field);
      return found === wanted && found;
    });
  }

  untilLogs(id: string, wanted: string): Promise<boolean> {
    return until(`a container has written ${wanted}`, async () => {
      const { stdout } = await this.docker('logs', id);
      return stdout === wanted;
    });
  }

  async close(): Promise<void> {
    const { stdout } = await this.docker('ps', '-aq', '--filter', `label=${this.#label}`);
    const ids = stdout.split('\n').filter((id) => id !== '');
    if (ids.length > 0) await this.docker('rm', '--force', '--volumes', ...ids);
  }

  file(name: string): string {
    return join(this.folder, `${this.#label.replace('=', '-')}-${name}`);
  }
}
