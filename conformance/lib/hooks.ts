import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.js';
import type { Config } from './config.js';
import type { Container, Prepare } from './container.js';

export interface Hook {
  path: string;
  args?: string[];
  env?: string[];
  timeout?: number;
}

export const hookKinds = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const;

export type HookKind = (typeof hookKinds)[number];

/** A shell script as a hook: /bin/sh is there on the host and in the container. */
export const shell = (script: string, more: Partial<Hook> = {}): Hook => ({
  path: '/bin/sh',
  args: ['sh', '-c', script],
  ...more,
});

export const withHooks =
  (hooks: Partial<Record<HookKind, Hook[]>>, args = ['true']): Prepare =>
  (config) => {
    config.process.args = args;
    config.hooks = hooks;
  };

/** One hook of each kind, which takes what it is told. */
export const everyHook = (): Record<HookKind, Hook[]> =>
  Object.fromEntries(hookKinds.map((kind) => [kind, [shell('exec cat')]])) as Record<
    HookKind,
    Hook[]
  >;

/** A folder of the box that hooks of every kind, and the container, know as `/shared`. */
export function share(box: Box, config: Config): string {
  const folder = box.folderFor('shared');
  config.mounts.push({ destination: '/shared', source: folder, options: ['bind', 'rw'] });
  return folder;
}

export const textIn = (box: Box, name: string): string => {
  const path = join(box.folder, 'shared', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

/** A container with one hook of a kind: `script` knows the shared folder as `$shared`. */
export function hooked(
  box: Box,
  scripts: Partial<Record<HookKind, string | readonly string[]>>,
  prepare: Prepare = () => {},
): Container {
  return box.container((config, paths) => {
    const folder = share(box, config);
    config.process.args = ['true'];
    const hooks: Partial<Record<HookKind, Hook[]>> = {};
    for (const kind of hookKinds) {
      const asked = scripts[kind];
      if (asked === undefined) continue;
      const shared = kind === 'startContainer' ? '/shared' : folder;
      const list = typeof asked === 'string' ? [asked] : asked;
      hooks[kind] = list.map((script) => shell(`shared=${shared}; ${script}`));
    }
    config.hooks = hooks;
    prepare(config, paths);
  });
}
