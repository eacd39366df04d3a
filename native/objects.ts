import { join } from 'node:path';
import type { Compilation } from './compile.js';
import { root } from './setup/paths.js';

export const folders = {
  generated: join(root, 'build/native'),
  objects: join(root, 'build/objects'),
} as const;

export const sections = ['-ffunction-sections', '-fdata-sections'];

const common = ['-O2', '-Wall', '-Wextra', '-Werror', `-ffile-prefix-map=${root}=.`];
const headers = ['-I', join(root, 'native'), '-I', folders.generated];

/** What both engines link. */
const shared = [
  ...['batch', 'launch', 'program', 'fds', 'signals', 'seccomp', 'sha256', 'bpf', 'capabilities'],
];

export const handWritten = (name: string): string => join(root, `native/${name}.c`);

/** One of our own C files; the suffix tells objects of different flags apart. */
export const nativeObject = (
  source: string,
  suffix: string,
  flags: readonly string[],
): Compilation => ({
  source,
  object: join(folders.objects, `${source.split('/').at(-1)!.replace(/\.c$/, '')}${suffix}.o`),
  flags: [...common, ...headers, ...flags],
});

export const nativeObjects = (suffix: string, flags: readonly string[]): Compilation[] =>
  [...shared.map(handWritten), join(folders.generated, 'calls.c')].map((source) =>
    nativeObject(source, suffix, flags),
  );
