import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { patience } from '../lib/until.js';
import { Refusal } from './refusal.js';

/** The program that is held against the specification. */
export interface Runtime {
  /** The program, and what stands before its own arguments. */
  readonly command: readonly string[];
  /** From the first line of `--version`: `crun`, `1.8.1`. */
  readonly name: string;
  readonly version: string;
}

/** A path, or a name to look up in PATH. */
const located = (program: string): string =>
  program.includes('/') || existsSync(program) ? resolve(program) : program;

/** `crun version 1.8.1`, `runc version 1.1.5+ds1`. */
export function versionIn(text: string): Pick<Runtime, 'name' | 'version'> {
  const [, name, version] = /^(\S+) version:? (\S+)/.exec(text) ?? [];
  return { name: name ?? 'unknown', version: version ?? 'unknown' };
}

const advice: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'this user may not execute it, or not reach where it lies',
  ETIMEDOUT: 'it does not answer',
};

/** What a runtime says to `--version`, which every one knows. */
function versionOf([file = '', ...args]: readonly string[]): string {
  try {
    return execFileSync(file, [...args, '--version'], {
      encoding: 'utf8',
      timeout: patience,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Refusal(`${file} --version: ${advice[code] ?? message}`);
  }
}

/** Fails if the program cannot be run. */
export function identify(words: readonly string[]): Runtime {
  const [program = '', ...before] = words;
  const command = [located(program), ...before];
  return { command, ...versionIn(versionOf(command)) };
}
