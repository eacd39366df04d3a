import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { AT_FDCWD, O_DIRECTORY, O_PATH, O_RDONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { kernelContext } from '../testing/cgroup-scenario.js';
import type { Fd } from './fd.js';
import { openAt, readAll } from './io.js';
import { Root } from './root.js';

const context = kernelContext();
const folder = mkdtempSync(join(tmpdir(), 'runts-root-'));
const outside = join(folder, 'outside');
afterAll(() => rmSync(folder, { recursive: true }));

mkdirSync(join(outside, 'data'), { recursive: true });
writeFileSync(join(outside, 'secret'), 'of the host');

let roots = 0;

/** A root file system of its own, with links by their names. */
function rootWith(links: Readonly<Record<string, string>>): { root: Root; path: string } {
  const path = join(folder, `root${roots++}`);
  mkdirSync(join(path, 'etc'), { recursive: true });
  writeFileSync(join(path, 'etc/secret'), 'of the container');
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(path, name));
  return { root: openRoot(path), path };
}

const openRoot = (path: string): Root =>
  new Root(context, openAt(context, AT_FDCWD, path, O_PATH | O_DIRECTORY));

/** Where a descriptor leads, as the host sees it. */
const placeOf = (fd: Fd): string => readlinkSync(`/proc/self/fd/${fd.number}`);

const errnoOf = (act: () => unknown): number | undefined => {
  try {
    act();
  } catch (thrown) {
    return (thrown as RuntimeError).call?.errno;
  }
  return undefined;
};

const manyUps = '../'.repeat(40);

const links = {
  up: `${manyUps}etc`,
  absolute: '/etc',
  chain: 'absolute',
  upAndDown: `etc/../${manyUps}etc`,
  here: '.',
};

describe('links of an image', () => {
  it.each(Object.keys(links))('cannot lead out: %s', (name) => {
    const { root, path } = rootWith(links);
    using _root = root;
    const place = name === 'here' ? `/${name}/etc/secret` : `/${name}/secret`;
    using file = root.open(place, O_RDONLY);
    expect(placeOf(file)).toBe(join(path, 'etc/secret'));
    expect(context.host.engine.decode(readAll(context, file.number))).toBe('of the container');
  });

  it('cannot lead to a path of the host', () => {
    const { root } = rootWith({ host: outside, away: `${manyUps}${outside.slice(1)}` });
    using _root = root;
    expect(root.openIfThere('/host/secret')).toBeNull();
    expect(root.openIfThere('/away/secret')).toBeNull();
  });

  it('cannot turn in a circle', () => {
    const { root } = rootWith({ one: 'two', two: 'one' });
    using _root = root;
    expect(errnoOf(() => root.open('/one'))).toBe(errno.ELOOP);
    expect(errnoOf(() => root.makeDirectory('/one/x'))).toBe(errno.ELOOP);
  });

  it('cannot use the links of procfs, which lead anywhere', () => {
    using proc = openRoot('/proc');
    for (const path of ['/self/root/etc', '/self/cwd', '/self/exe'])
      expect(
        errnoOf(() => proc.open(path)),
        path,
      ).toBe(errno.ELOOP);
  });

  it('named by a path upwards stay in the root', () => {
    const { root, path } = rootWith({});
    using _root = root;
    using etc = root.open('/../../etc/../../etc');
    expect(placeOf(etc)).toBe(join(path, 'etc'));
  });
});

describe('what is made', () => {
  it('is made in the root, whatever links say', () => {
    const { root, path } = rootWith({ data: outside, up: `${manyUps}${outside.slice(1)}` });
    using _root = root;
    for (const [asked, made] of [
      ['/a/b/c', '/a/b/c'],
      ['/data/x', `${outside}/x`],
      ['/up/y', `${outside}/y`],
      ['/etc', '/etc'],
    ] as const) {
      using directory = root.makeDirectory(asked);
      expect(placeOf(directory)).toBe(path + made);
    }
    using file = root.makeFile('/data/z/file');
    expect(placeOf(file)).toBe(`${path}${outside}/z/file`);
    expect(readdirSync(outside).sort()).toEqual(['data', 'secret']);
  });

  it('leaves files that are there as they are', () => {
    const { root, path } = rootWith({});
    using _root = root;
    using file = root.makeFile('/etc/secret');
    expect(placeOf(file)).toBe(join(path, 'etc/secret'));
    using opened = root.open('/etc/secret', O_RDONLY);
    expect(context.host.engine.decode(readAll(context, opened.number))).toBe('of the container');
  });

  it('is what a link names that leads to nothing yet', () => {
    const { root, path } = rootWith({ 'etc/resolv.conf': '../run/resolv.conf', lib: 'usr/lib' });
    using _root = root;
    using file = root.makeFile('/etc/resolv.conf');
    expect(placeOf(file)).toBe(join(path, 'run/resolv.conf'));
    using directory = root.makeDirectory('/lib/x');
    expect(placeOf(directory)).toBe(join(path, 'usr/lib/x'));
  });

  it('is nothing where a file stands in the way', () => {
    const { root } = rootWith({});
    using _root = root;
    expect(() => root.makeDirectory('/etc/secret/x')).toThrow(RuntimeError);
    expect(() => root.makeDirectory('/etc/secret')).toThrow(RuntimeError);
  });

  it('has its place where the link above leads', () => {
    const { root, path } = rootWith({ dev: '/etc' });
    using _root = root;
    const { parent, name } = root.place('/dev/null');
    using _parent = parent;
    expect([placeOf(parent), name]).toEqual([join(path, 'etc'), 'null']);
    expect(() => root.place('/')).toThrow('the root cannot be replaced');
  });
});

describe('somebody who renames meanwhile', () => {
  const script = fileURLToPath(new URL('../testing/rename-forever.mjs', import.meta.url));

  it('gets nothing made or opened outside', async () => {
    const { root, path } = rootWith({ up: `${manyUps}${outside.slice(1)}`, absolute: outside });
    using _root = root;
    mkdirSync(join(path, 'race'));
    const targets = ['up', 'absolute'].map((name) => join(path, name));
    const attacker = spawn(process.execPath, [script, join(path, 'race'), ...targets]);
    try {
      await once(attacker.stdout, 'data');
      let inside = 0;
      for (let i = 0; i < 3000; i++) {
        try {
          using directory = root.makeDirectory(`/race/d${i % 7}`);
          using file = root.makeFile(`/race/d${i % 7}/f`);
          for (const fd of [directory, file]) expect(placeOf(fd).startsWith(path)).toBe(true);
          inside++;
        } catch (thrown) {
          // What has gone under our hands is an error, but never a place outside.
          expect(thrown).toBeInstanceOf(RuntimeError);
        }
      }
      expect(inside).toBeGreaterThan(0);
      expect(readdirSync(outside).sort()).toEqual(['data', 'secret']);
      expect(existsSync(join(outside, 'd0'))).toBe(false);
    } finally {
      attacker.kill('SIGKILL');
      await once(attacker, 'close');
    }
  });
});
