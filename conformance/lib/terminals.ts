import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.js';
import { type Running, startCall } from './call.js';
import type { Container, Prepare } from './container.js';
import { helper } from './helpers.js';
import { until } from './until.js';

/** A container whose process is a script on a terminal. */
export const onTerminal =
  (script: string, prepare: Prepare = () => {}): Prepare =>
  (config, paths) => {
    config.process.args = ['sh', '-c', script];
    config.process.terminal = true;
    symlinkSync('busybox', join(paths.rootfs, 'bin/stty'));
    prepare(config, paths);
  };

/** Somebody who takes the terminal; with `each`, one after another. */
export async function consoleSocket(box: Box, ...more: readonly string[]) {
  const folder = `console-${box.cgroups.length}`;
  const path = join(box.folderFor(folder), 'socket');
  // By a path that does not make it one of the container's processes.
  const receiver = startCall(box.folder, [helper('console-receiver'), `${folder}/socket`, ...more]);
  await until('somebody listens', () => receiver.stdout() === 'listening\n');
  return { path, receiver };
}

/** What a container writes to the terminal that goes to a console socket. */
export async function shown(box: Box, container: Container): Promise<string> {
  const { path, receiver } = await consoleSocket(box);
  await container.started('--console-socket', path);
  const { stdout } = await receiver.ended();
  return stdout.replace('listening\n', '').replaceAll('\r', '');
}

/** A program's words, so that it runs on a terminal of 24 by 80 as a terminal emulator has it. */
export const onPtyWords = (words: readonly string[]): string[] => [
  helper('on-pty'),
  ...['24', '80'],
  ...words,
];

/** The program under test on such a terminal, with a descriptor whose bytes are typed. */
export const onPty = (box: Box, args: readonly string[], stdin?: number): Running =>
  anyOnPty(box, [...box.engine.command, '--root', box.root, ...args], stdin);

export const anyOnPty = (box: Box, words: readonly string[], stdin?: number): Running =>
  startCall(box.folder, onPtyWords(words), stdin === undefined ? {} : { stdin });

let keyboards = 0;

/** What is written to it is typed later. */
export function keyboard(box: Box): {
  readonly path: string;
  readonly fd: number;
  type(text: string): void;
  close(): void;
} {
  const path = join(box.folderFor('keys'), `${keyboards++}`);
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, 'r+');
  return { path, fd, type: (text) => void writeSync(fd, text), close: () => closeSync(fd) };
}

/** The only child of a process, such as what runs on a terminal. */
export const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
