import { join } from 'node:path';
import { install, type Target, uninstall } from '../../install/install.js';
import { parseOptions } from '../arguments.js';
import { root } from '../paths.js';

/** `npm run install:system -- --prefix /usr/local` */
export async function installSystem(args: readonly string[]): Promise<number> {
  say('installed', install(targetOf(args)));
  return 0;
}

/** `npm run uninstall:system -- --prefix /usr/local` */
export async function uninstallSystem(args: readonly string[]): Promise<number> {
  const removed = uninstall(targetOf(args));
  say('removed', removed);
  if (removed.length === 0) process.stdout.write('Nothing of runts was installed there.\n');
  return 0;
}

function targetOf(args: readonly string[]): Target {
  const { prefix } = parseOptions(args, { prefix: { type: 'string', default: '/usr/local' } });
  return { dist: join(root, 'dist'), prefix, destdir: process.env.DESTDIR || '/' };
}

function say(what: string, paths: readonly string[]): void {
  for (const path of paths) process.stdout.write(`${what} ${path}\n`);
}
