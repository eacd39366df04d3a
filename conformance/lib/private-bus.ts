import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../native/setup/paths.js';
import { inMountNamespace, staticEngine } from './engines.js';
import { knowUser } from './ordinary-user.js';
import { until } from './until.js';

/** Whether there is a bus to be had: Debian's package dbus-daemon has the program. */
export const hasBusDaemon = (): boolean => findProgram('dbus-daemon') !== undefined;

const configuration = (socket: string, abstract: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${socket}</listen>
  <listen>unix:abstract=${abstract}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
`;

/** A socket is there before somebody listens at it: bind(2), then listen(2). */
const listens = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const answer = (value: boolean) => () => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', answer(true)).once('error', answer(false));
  });

/** The bus lets in only users who have an account: also the one of the tests, where there is root. */
const knowing = (command: readonly string[]): readonly string[] =>
  process.getuid?.() === 0
    ? inMountNamespace({ ...staticEngine, command }, knowUser).command
    : command;

/** A bus that only those know who are told its address. */
export class PrivateBus {
  readonly folder = mkdtempSync(join(tmpdir(), 'runts-bus-'));
  readonly socket = join(this.folder, 'socket');
  readonly address = `unix:path=${this.socket}`;
  /** The same bus, by a name that is no file. */
  readonly abstract = `unix:abstract=${this.socket}`;
  #daemon: ChildProcess | undefined;

  async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    // Whoever knows the address may come.
    chmodSync(this.folder, 0o755);
    const file = join(this.folder, 'bus.conf');
    writeFileSync(file, configuration(this.socket, this.socket));
    const command = ['dbus-daemon', `--config-file=${file}`, '--nofork', '--nopidfile'];
    const [program = '', ...args] = knowing(command);
    this.#daemon = spawn(program, args, { stdio: 'ignore' });
    await until('the bus listens', () => listens(this.socket));
  }

  async stop(): Promise<void> {
    this.#daemon?.kill('SIGTERM');
    await until('the bus has ended', () => this.#daemon?.exitCode !== null || this.#daemon.killed);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
