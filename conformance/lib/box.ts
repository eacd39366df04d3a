import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallOptions, call, type Finished, type Running, startCall } from './call.js';
import { Container, type Prepare, type Shape } from './container.js';
import type { Engine } from './engines.js';
import { cgroupsOf, hostMounts, isAlive, processesWith } from './machine.js';
import { sendSignal } from './send-signal.js';
import { patience, until } from './until.js';

let containers = 0;

/** All that one test has on the host: a folder, a state root, cgroups of its own names. */
export class Box {
  readonly engine: Engine;
  readonly folder = mkdtempSync(join(tmpdir(), 'runts-test-'));
  /** Of the state; the runtime makes it. */
  readonly root = join(this.folder, 'state');
  /** Cgroups that may exist for the time of the test. */
  readonly cgroups: string[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** The program with arguments and nothing else. */
  bare(args: readonly string[], options?: CallOptions): Promise<Finished> {
    return call(this.folder, [...this.engine.command, ...args], options);
  }

  /** The program with the state root of this box. */
  runtime(...args: readonly string[]): Promise<Finished> {
    return this.bare(['--root', this.root, ...args]);
  }

  with(options: CallOptions, ...args: readonly string[]): Promise<Finished> {
    return this.bare(['--root', this.root, ...args], options);
  }

  start(args: readonly string[], options?: CallOptions): Running {
    return startCall(this.folder, [...this.engine.command, '--root', this.root, ...args], options);
  }

  /** A bundle with an id that nobody has; nothing is created yet. */
  container(prepare: Prepare = () => {}, shape?: Shape): Container {
    const id = `runts-test-${process.pid}-${containers++}`;
    this.cgroups.push(`/${id}`);
    return new Container(this, id, prepare, shape);
  }

  /** Runs a shell script as a container and answers what it wrote. */
  async inside(script: string, prepare: Prepare = () => {}): Promise<string> {
    const container = this.container((config, paths) => {
      config.process.args = ['sh', '-c', script];
      prepare(config, paths);
    });
    const { status, stdout, stderr } = await container.runtime('run');
    if (status !== 0) throw new Error(`status ${status}, stdout: ${stdout}, stderr: ${stderr}`);
    return stdout;
  }

  /** Why `create` refuses a configuration; it must leave nothing behind. */
  async refusal(prepare: Prepare): Promise<string> {
    const container = this.container(prepare);
    const { status, stderr } = await container.create();
    if (status !== 1) throw new Error(`create ended with ${status} and said: ${stderr}`);
    await this.expectNothingLeft();
    return stderr;
  }

  folderFor(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Everything of this test that is on the host but its own folder, in words. */
  leftovers(): string[] {
    return [
      ...this.#states().map((id) => `state of ${id}`),
      ...this.cgroups.flatMap(cgroupsOf).map((path) => `cgroup ${path}`),
      ...this.processes().map((pid) => `process ${pid}`),
      ...this.#mounts().map((path) => `mount ${path}`),
    ];
  }

  /** A process that was killed needs a moment to be gone. */
  async expectNothingLeft(): Promise<void> {
    let left = this.leftovers();
    if (left.length === 0) return;
    let since = Date.now();
    await until(`nothing is left of ${left.join(', ')}`, () => {
      const now = this.leftovers();
      if (now.join() !== left.join()) [left, since] = [now, Date.now()];
      // A fault that many tests see must not take all of their patience.
      else if (Date.now() - since > patience / 5) throw new Error(`left: ${now.join(', ')}`);
      return now.length === 0;
    });
  }

  /** Deletes what the test has left, as a caller would, and looks whether all of it is gone. */
  async close(): Promise<void> {
    let isClean = false;
    try {
      for (const id of this.#states()) await this.runtime('delete', '--force', id);
      await this.expectNothingLeft();
      isClean = true;
    } finally {
      // To look at every process once more takes longer than many a test.
      if (isClean) rmSync(this.folder, { recursive: true, force: true });
      else this.#sweep();
    }
  }

  /** Takes everything away, also while the test still runs. */
  async clear(remove: (id: string) => Promise<unknown>): Promise<void> {
    try {
      for (const pid of this.processes()) end(pid);
      for (const id of this.#states()) await remove(id);
    } finally {
      this.#sweep();
    }
  }

  #states(): string[] {
    try {
      // Beside the containers lies what the runtime can make again.
      return readdirSync(this.root).filter((name) => name !== '.cache');
    } catch {
      return [];
    }
  }

  /** Of this test, as far as somebody outside can know. */
  protected processes(): number[] {
    return processesWith(...this.cgroups.map((path) => `${path}\n`), `${this.folder}/`);
  }

  #mounts(): string[] {
    return hostMounts()
      .map(({ path }) => path)
      .filter((path) => path.startsWith(this.folder));
  }

  /** What a broken runtime left must not disturb other tests. */
  #sweep(): void {
    for (const pid of this.processes()) end(pid);
    const deadline = Date.now() + 2000;
    while (this.processes().some(isAlive) && Date.now() < deadline);
    do for (const path of this.cgroups.flatMap(cgroupsOf)) removeCgroup(path);
    while (this.cgroups.some((path) => cgroupsOf(path).length > 0) && Date.now() < deadline);
    for (const path of this.#mounts().reverse()) spawnSync('umount', ['--lazy', path]);
    // Below a mount lies what is not ours.
    if (this.#mounts().length === 0) rmSync(this.folder, { recursive: true, force: true });
  }
}

function end(pid: number): void {
  try {
    sendSignal(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

function removeCgroup(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory()) removeCgroup(join(path, entry.name));
    rmdirSync(path);
  } catch {
    // Somebody else has removed it, or it still has a process that is ending: who calls looks again.
  }
}
