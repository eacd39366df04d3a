import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Box } from '../lib/box.js';
import { type CallOptions, type Finished, type Running, startCall } from '../lib/call.js';
import type { Container, Prepare, Shape } from '../lib/container.js';
import { processesMounting } from '../lib/machine.js';
import { type Report, readReport, readReports } from '../probe/report.js';
import type { Host } from './host.js';
import { shapeFor } from './shape.js';

/** One run of one test: bundles, containers and a folder of its own, all gone when it ends. */
export class Trial extends Box {
  readonly host: Host;
  readonly #shape: Shape;
  readonly #calls: Running[] = [];
  readonly #inner: Trial[] = [];
  #givenUp = false;

  constructor(runtime: readonly string[], host: Host) {
    super({ name: runtime.join(' '), command: runtime, quick: true, ours: false });
    this.host = host;
    this.#shape = shapeFor(host.isRoot);
  }

  /** The runtime without a state root. A test that was given up waits for ever, and fails for nobody. */
  override bare(args: readonly string[], options?: CallOptions): Promise<Finished> {
    if (this.#givenUp) return new Promise(() => {});
    return this.#noted(startCall(this.folder, [...this.engine.command, ...args], options)).ended();
  }

  override start(args: readonly string[], options?: CallOptions): Running {
    if (this.#givenUp) throw new Error('this test was given up');
    return this.#noted(super.start(args, options));
  }

  #noted(running: Running): Running {
    this.#calls.push(running);
    return running;
  }

  /** What its test has made goes; whether all of that would have gone by itself is not asked. */
  async giveUp(): Promise<void> {
    this.#givenUp = true;
    for (const inner of this.#inner) await inner.giveUp();
    for (const { child } of this.#calls) child.kill('SIGKILL');
    await this.clear((id) => super.bare(['--root', this.root, 'delete', '--force', id]));
  }

  /** A part of the test that calls the runtime in another way; nothing of it may be left either. */
  async calling(command: readonly string[], run: (inner: Trial) => Promise<void>): Promise<void> {
    const inner = new Trial(command, this.host);
    this.#inner.push(inner);
    try {
      await run(inner);
      await inner.close();
    } catch (error) {
      // Now: the way in which it is called may not last any longer.
      await inner.giveUp();
      throw error;
    }
  }

  /** Without a cgroup of its own, a container can be told by where its root file system lies. */
  protected override processes(): number[] {
    const mounting = this.host.isRoot ? [] : processesMounting(this.folder);
    return [...new Set([...super.processes(), ...mounting])];
  }

  /** A bundle whose process is the probe, with an id that nobody has; nothing is created yet. */
  override container(prepare: Prepare = () => {}): Container {
    return super.container(prepare, this.#shape);
  }

  /** A container whose probe performs operations, has been started, and may still run. */
  async probing(operations: readonly string[], prepare: Prepare = () => {}): Promise<Container> {
    const container = this.container((config, paths) => {
      config.process.args = ['/probe', ...operations];
      prepare(config, paths);
    });
    await container.started();
    return container;
  }

  /** What the probe sees in a container that is created, started and deleted. */
  async look(prepare: Prepare = () => {}, ...operations: readonly string[]): Promise<Report> {
    const container = await this.probing(operations, prepare);
    await container.ended();
    const output = container.output();
    if (output === '') throw new Error(`the probe said nothing: ${container.errorOutput()}`);
    await succeeds(container.delete());
    return readReport(output);
  }

  /** The first report of a container whose probe goes on (`wait`, `input`, `signals`). */
  async firstReport(container: Container): Promise<Report> {
    await container.wrote('\n');
    return readReport(container.output());
  }

  /** `create` must fail and leave nothing; answers what it said. */
  async refused(prepare: Prepare): Promise<string> {
    const { status, stderr } = await this.container(prepare).create();
    if (status === 0) throw new Error('create has succeeded, but must fail');
    await this.expectNothingLeft();
    return stderr;
  }

  /** Where probes in hooks and containers write with `to`; see {@link told}. */
  file(name: string): string {
    return join(this.folder, name);
  }

  /** What probes have written there, in order. */
  told(name: string): Report[] {
    const path = this.file(name);
    return existsSync(path) ? readReports(readFileSync(path, 'utf8')) : [];
  }
}

/** A command of the runtime that has to succeed. */
export async function succeeds(command: Promise<Finished>): Promise<Finished> {
  const finished = await command;
  if (finished.status !== 0)
    throw new Error(`failed with ${finished.status ?? finished.signal}: ${finished.stderr}`);
  return finished;
}

/** A command of the runtime that has to fail. */
export async function fails(command: Promise<Finished>): Promise<Finished> {
  const finished = await command;
  if (finished.status === 0) throw new Error(`has succeeded: ${finished.stdout}`);
  if (finished.status === null) throw new Error(`was killed by ${finished.signal}`);
  return finished;
}
