import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.js';
import type { Finished } from './call.js';
import { baseConfig, type Config, configBytes, type Process } from './config.js';
import { isAlive } from './machine.js';
import { makeRootfs } from './rootfs.js';
import { until } from './until.js';

export interface Paths {
  readonly bundle: string;
  readonly rootfs: string;
}

/** Changes the configuration, and what the root file system holds. */
export type Prepare = (config: Config, paths: Paths) => void;

/** What `state` prints. */
export interface State {
  readonly ociVersion: string;
  readonly id: string;
  readonly pid: number;
  readonly status: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner: string;
}

/** What a test starts from, before it changes it. */
export interface Shape {
  readonly config: (cgroupsPath: string) => Config;
  readonly makeRootfs: (path: string) => void;
}

/** What engines ask for, and a shell. */
const withShell: Shape = { config: baseConfig, makeRootfs };

let files = 0;

function said({ status, stdout, stderr }: Finished): string {
  if (status !== 0) throw new Error(`exec: status ${status}, stdout: ${stdout}, stderr: ${stderr}`);
  return stdout.trimEnd();
}

/** A bundle and the id under which it is used. */
export class Container {
  readonly #box: Box;
  readonly id: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly pidFile: string;
  readonly config: Config;
  /** The call whose descriptors the container has inherited. */
  #output: Finished['running'] | undefined;

  constructor(box: Box, id: string, prepare: Prepare, shape: Shape = withShell) {
    this.#box = box;
    this.id = id;
    this.bundle = join(box.folder, id);
    this.rootfs = join(this.bundle, 'rootfs');
    this.pidFile = join(this.bundle, 'pid');
    mkdirSync(this.bundle);
    shape.makeRootfs(this.rootfs);
    this.config = shape.config(this.cgroup);
    prepare(this.config, this);
    this.write();
  }

  get cgroup(): string {
    return `/${this.id}`;
  }

  /** Where the runtime keeps its state. */
  get state(): string {
    return join(this.#box.root, this.id);
  }

  write(encoding?: 'utf8' | 'latin1'): void {
    writeFileSync(join(this.bundle, 'config.json'), configBytes(this.config, encoding));
  }

  /** `create` or `run`, with further flags. */
  async runtime(verb: 'create' | 'run', ...flags: readonly string[]): Promise<Finished> {
    const finished = await this.#box.runtime(...this.words(verb, ...flags));
    this.#output = finished.running;
    return finished;
  }

  words(verb: 'create' | 'run', ...flags: readonly string[]): string[] {
    return [verb, '--bundle', this.bundle, '--pid-file', this.pidFile, ...flags, this.id];
  }

  create(...flags: readonly string[]): Promise<Finished> {
    return this.runtime('create', ...flags);
  }

  /** `create`, which must not fail; answers init's pid. */
  async created(...flags: readonly string[]): Promise<number> {
    const { status, stderr } = await this.create(...flags);
    if (status !== 0) throw new Error(`create: status ${status}: ${stderr}`);
    return this.pid;
  }

  async started(...flags: readonly string[]): Promise<number> {
    const pid = await this.created(...flags);
    const { status, stderr } = await this.start();
    if (status !== 0) throw new Error(`start: status ${status}: ${stderr}`);
    return pid;
  }

  /** `exec`: options, then the command. */
  exec(options: readonly string[], ...command: readonly string[]): Promise<Finished> {
    return this.#box.runtime(...this.execWords(options, ...command));
  }

  execWords(options: readonly string[], ...command: readonly string[]): string[] {
    return ['exec', ...options, this.id, ...command];
  }

  /** A file for `exec --process`: the container's own process with changes. */
  processFile(change: Partial<Process>): string {
    const path = join(this.bundle, `process-${files++}.json`);
    writeFileSync(path, configBytes({ ...this.config.process, ...change }));
    return path;
  }

  /** What a shell says in the container. */
  async says(script: string, ...options: readonly string[]): Promise<string> {
    return said(await this.exec(options, 'sh', '-c', script));
  }

  /** The same of a process that a file tells all of. */
  async saysAs(change: Partial<Process>, script: string): Promise<string> {
    const file = this.processFile({ args: ['sh', '-c', script], ...change });
    return said(await this.exec(['--process', file]));
  }

  start(): Promise<Finished> {
    return this.#box.runtime('start', this.id);
  }

  kill(...rest: readonly string[]): Promise<Finished> {
    return this.#box.runtime('kill', this.id, ...rest);
  }

  delete(...flags: readonly string[]): Promise<Finished> {
    return this.#box.runtime('delete', ...flags, this.id);
  }

  async query(): Promise<State> {
    const { status, stdout, stderr } = await this.#box.runtime('state', this.id);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  async status(): Promise<string> {
    return (await this.query()).status;
  }

  /** From the pid file. */
  get pid(): number {
    return Number(readFileSync(this.pidFile, 'utf8'));
  }

  /** Not every runtime writes it at once. */
  hasPidFile(): boolean {
    return existsSync(this.pidFile) && readFileSync(this.pidFile, 'utf8') !== '';
  }

  /** What the container has written to the standard output that it inherited. */
  output(): string {
    return this.#output?.stdout() ?? '';
  }

  errorOutput(): string {
    return this.#output?.stderr() ?? '';
  }

  /** Until its process has ended, whoever reaps it. */
  ended(pid = this.pid): Promise<true> {
    return until(`process ${pid} of ${this.id} has ended`, () => !isAlive(pid));
  }

  /** Until its process has written something. */
  wrote(text: string): Promise<true> {
    return until(`${this.id} writes ${JSON.stringify(text)}`, () => this.output().includes(text));
  }
}
