import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

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

/** Fails if the program cannot be run. */
export function identify(words: readonly string[]): Runtime {
  const [program = '', ...before] = words;
  const command = [located(program), ...before];
  const [file = '', ...args] = command;
  const text = execFileSync(file, [...args, '--version'], { encoding: 'utf8', timeout: 20_000 });
  return { command, ...versionIn(text) };
}
