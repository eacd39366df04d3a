import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { install, uninstall } from './install.js';

describe('installing system-wide', () => {
  let work = '';
  let dist = '';

  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'runts-install-'));
    dist = join(work, 'dist');
    mkdirSync(join(dist, 'completion'), { recursive: true });
    for (const name of ['runts', 'runts.8', 'completion/runts.bash', 'completion/_runts']) {
      writeFileSync(join(dist, name), `this is ${name}`);
    }
  });

  afterEach(() => rmSync(work, { recursive: true, force: true }));

  const target = () => ({ dist, prefix: '/usr/local', destdir: join(work, 'root') });
  const installed = (name: string) => join(work, 'root/usr/local', name);

  test('puts binary, man page and completions below DESTDIR and the prefix', () => {
    expect(install(target())).toEqual([
      installed('bin/runts'),
      installed('share/man/man8/runts.8'),
      installed('share/bash-completion/completions/runts'),
      installed('share/zsh/site-functions/_runts'),
    ]);
    expect(statSync(installed('bin/runts')).mode & 0o777).toBe(0o755);
    expect(statSync(installed('share/man/man8/runts.8')).mode & 0o777).toBe(0o644);
    expect(readFileSync(installed('bin/runts'), 'utf8')).toBe('this is runts');
  });

  test('replaces an installed binary by a new file, so that a running one keeps its own', () => {
    install(target());
    const before = statSync(installed('bin/runts')).ino;
    chmodSync(installed('bin/runts'), 0o555);
    install(target());
    expect(statSync(installed('bin/runts')).ino).not.toBe(before);
  });

  test('removes all that it made, and nothing that it found', () => {
    mkdirSync(installed('share/man'), { recursive: true });
    install(target());
    install(target());
    expect(uninstall(target())).toHaveLength(5);
    expect(existsSync(installed('share/man'))).toBe(true);
    expect(existsSync(installed('share/man/man8'))).toBe(false);
    expect(existsSync(installed('share/runts'))).toBe(false);
    expect(existsSync(installed('bin'))).toBe(false);
  });

  test('leaves a folder that it made to whoever has put something there since', () => {
    install(target());
    writeFileSync(installed('bin/other'), '');
    uninstall(target());
    expect(existsSync(installed('bin/other'))).toBe(true);
    expect(existsSync(installed('bin/runts'))).toBe(false);
  });

  test('has nothing to remove where nothing is installed', () => {
    expect(uninstall(target())).toEqual([]);
  });

  test('names what has not been built', () => {
    rmSync(join(dist, 'runts.8'));
    expect(() => install(target())).toThrow('Not built yet: dist/runts.8');
    expect(existsSync(join(work, 'root'))).toBe(false);
  });

  test('refuses a prefix that depends on the current folder', () => {
    expect(() => install({ ...target(), prefix: 'usr' })).toThrow('absolute');
  });
});
