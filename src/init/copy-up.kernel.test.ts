import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { renderError } from '../errors/render.js';
import { type Fd, owned } from '../host/fd.js';
import { listDirectoryAt, openAt, readLinkAt, readTextAt } from '../host/io.js';
import { type Stat, stat, timesOfLast } from '../host/stat.js';
import {
  AT_FDCWD,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  S_IFLNK,
  S_IFSOCK,
  SEEK_END,
  SEEK_HOLE,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { describeAsRoot } from '../testing/as-root.js';
import { kernelContext } from '../testing/cgroup-scenario.js';
import { errorOf } from '../testing/error-of.js';
import { nothingHanded } from '../testing/init-host.js';
import { planOf, withMounts } from '../testing/plans.js';
import { newMount } from './attach.js';
import type { InitContext } from './context.js';
import { copyUp } from './copy-up.js';

const context: InitContext = {
  ...kernelContext(),
  plan: planOf(withMounts()),
  channel: -1,
  listener: -1,
  mountNamespace: -1,
  root: -1,
  mounts: nothingHanded,
  hookOutput: {},
};
const { sys } = context.host;
const folder = mkdtempSync(join(tmpdir(), 'runts-copy-up-'));
afterAll(() => rmSync(folder, { recursive: true }));

let trees = 0;

/** What is at a new place, once it has been copied into a tmpfs that is attached nowhere. */
function copied(
  fill: (path: string) => void,
  config: readonly (readonly [string, string])[] = [],
  by = context,
): Fd {
  const path = join(folder, `tree${trees++}`);
  mkdirSync(path);
  fill(path);
  const mount = newMount(context, 'tmpfs', config, 0);
  using target = openAt(context, AT_FDCWD, path, O_PATH | O_DIRECTORY);
  return owned(mount, () => copyUp(by, target, mount));
}

const modeOf = ({ type, permissions }: Stat) => (type | permissions).toString(8);
const namesIn = (mount: Fd, path = '.') =>
  listDirectoryAt(context, mount.number, path)
    .map(({ name }) => name)
    .sort();

function attribute(fd: number, name: string): string | null {
  const value = new Uint8Array(100);
  const size = context.host.raw.fgetxattr(fd, name, value, value.length);
  return size < 0 ? null : context.host.engine.decode(value.subarray(0, size));
}

const open = (mount: Fd, path: string) => openAt(context, mount.number, path, O_RDONLY);

describeAsRoot('copying up', () => {
  it('keeps contents, owners and modes of files and directories', () => {
    using mount = copied((path) => {
      mkdirSync(join(path, 'a/b'), { recursive: true });
      writeFileSync(join(path, 'a/b/file'), 'text\n');
      writeFileSync(join(path, 'empty'), '');
      chownSync(join(path, 'a/b/file'), 12, 34);
      chownSync(join(path, 'a'), 56, 78);
      chmodSync(join(path, 'a/b/file'), 0o4750);
      chmodSync(join(path, 'a'), 0o2755);
      chmodSync(join(path, 'a/b'), 0o1700);
    });
    const look = (path: string) => {
      const found = stat(context, mount.number, path);
      return [modeOf(found), found.uid, found.gid];
    };
    expect(namesIn(mount)).toEqual(['a', 'empty']);
    expect(look('a')).toEqual(['42755', 56, 78]);
    expect(look('a/b')).toEqual(['41700', 0, 0]);
    expect(look('a/b/file')).toEqual(['104750', 12, 34]);
    expect(readTextAt(context, mount.number, 'a/b/file')).toBe('text\n');
    expect(readTextAt(context, mount.number, 'empty')).toBe('');
  });

  it('keeps times', () => {
    const at = new Date('2001-02-03T04:05:06.789Z');
    using mount = copied((path) => {
      mkdirSync(join(path, 'folder'));
      writeFileSync(join(path, 'folder/file'), '');
      symlinkSync('x', join(path, 'link'));
      for (const name of ['folder/file', 'folder', 'link']) lutimesSync(join(path, name), at, at);
    });
    for (const name of ['folder/file', 'folder', 'link']) {
      stat(context, mount.number, name);
      const [, , seconds, nanoseconds] = new BigInt64Array(timesOfLast().buffer);
      expect([name, Number(seconds)]).toEqual([name, Math.floor(at.getTime() / 1000)]);
      expect(Number(nanoseconds) / 1e6).toBeCloseTo(789, 0);
    }
  });

  it('keeps symbolic links as they are and follows none', () => {
    using mount = copied((path) => {
      symlinkSync('/etc', join(path, 'absolute'));
      symlinkSync('../../../..', join(path, 'up'));
      symlinkSync('nowhere', join(path, 'broken'));
      execFileSync('chown', ['-h', '5:6', join(path, 'up')]);
    });
    expect(namesIn(mount)).toEqual(['absolute', 'broken', 'up']);
    expect(readLinkAt(context, mount.number, 'absolute')).toBe('/etc');
    expect(readLinkAt(context, mount.number, 'up')).toBe('../../../..');
    expect(stat(context, mount.number, 'up')).toMatchObject({ type: S_IFLNK, uid: 5, gid: 6 });
  });

  it('makes devices, fifos and sockets anew without opening them', () => {
    const server = createServer();
    using mount = copied((path) => {
      execFileSync('mknod', ['-m', '640', join(path, 'tty'), 'c', '4', '300']);
      execFileSync('mknod', [join(path, 'disk'), 'b', '8', '1']);
      execFileSync('mkfifo', [join(path, 'fifo')]);
      execFileSync('chown', ['7:8', join(path, 'fifo')]);
      server.listen(join(path, 'socket'));
    });
    server.close();
    const look = (name: string) => stat(context, mount.number, name);
    expect(look('tty')).toMatchObject({ type: S_IFCHR, permissions: 0o640, major: 4, minor: 300 });
    expect(look('disk')).toMatchObject({ type: S_IFBLK, major: 8, minor: 1 });
    expect(look('fifo')).toMatchObject({ type: S_IFIFO, uid: 7, gid: 8 });
    expect(look('socket').type).toBe(S_IFSOCK);
  });

  it('keeps extended attributes but those of an overlay', () => {
    const set = (path: string, name: string, value: string) => {
      using file = openAt(context, AT_FDCWD, path, O_RDONLY);
      const bytes = context.host.engine.encode(value);
      sys.fsetxattr(file.number, name, bytes, bytes.length, 0);
    };
    // vfs_cap_data, version 2: cap_net_raw.
    const capability = '\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0';
    using mount = copied((path) => {
      mkdirSync(join(path, 'folder'));
      writeFileSync(join(path, 'ping'), '');
      chownSync(join(path, 'ping'), 3, 4);
      set(join(path, 'ping'), 'security.capability', capability);
      set(join(path, 'folder'), 'trusted.mine', 'x');
      set(join(path, 'folder'), 'trusted.overlay.opaque', 'y');
    });
    using ping = open(mount, 'ping');
    using copy = open(mount, 'folder');
    expect(attribute(ping.number, 'security.capability')).toBe(capability);
    expect(attribute(copy.number, 'trusted.mine')).toBe('x');
    expect(attribute(copy.number, 'trusted.overlay.opaque')).toBeNull();
  });

  it('leaves holes in files, so that a huge empty one costs nothing', () => {
    const size = 1 << 30;
    using mount = copied(
      (path) => {
        writeFileSync(join(path, 'huge'), 'begin');
        truncateSync(join(path, 'huge'), size);
      },
      [['size', '64k']],
    );
    using file = open(mount, 'huge');
    expect(sys.lseek(file.number, 0, SEEK_END)).toBe(size);
    expect(sys.lseek(file.number, 0, SEEK_HOLE)).toBeLessThanOrEqual(4096);
    const start = new Uint8Array(5);
    sys.lseek(file.number, 0, 0);
    sys.read(file.number, start, 5);
    expect(context.host.engine.decode(start)).toBe('begin');
  });

  it('takes as many files as there are', () => {
    const names = Array.from({ length: 5000 }, (_, i) => `file-with-a-longer-name-${i}`);
    using mount = copied((path) => {
      for (const name of names) writeFileSync(join(path, name), '');
    });
    expect(namesIn(mount)).toEqual(names.sort());
  });

  it.each([
    ['a fifo', ['mkfifo'], /no longer the file/],
    ['a device', ['mknod', '-m', '666'], /EACCES/],
    ['a link', ['ln', '-s', '/etc/passwd'], /ELOOP/],
  ] as const)(
    'neither follows nor waits for %s that takes the place of a file',
    (what, make, said) => {
      const path = join(folder, `tree${trees}`, 'file');
      const swapping: InitContext = {
        ...context,
        host: {
          ...context.host,
          sys: {
            ...sys,
            openat2(...args) {
              if (args[1] === 'file') {
                unlinkSync(path);
                execFileSync(make[0], [
                  ...make.slice(1),
                  path,
                  ...(what === 'a device' ? ['c', '1', '5'] : []),
                ]);
              }
              return sys.openat2(...args);
            },
          },
        },
      };
      const error = errorOf(() => copied(() => writeFileSync(path, ''), [], swapping));
      expect(renderError(error)).toMatch(said);
    },
  );

  it('refuses directories that never end', () => {
    const deep = (levels: number) => (path: string) =>
      void mkdirSync(join(path, ...Array.from({ length: levels }, () => 'd')), { recursive: true });
    copied(deep(256))[Symbol.dispose]();
    expect(() => copied(deep(257))).toThrow('directories below 256 others');
  });

  it('that does not fit says so', () => {
    const fill = (path: string) => writeFileSync(join(path, 'large'), Buffer.alloc(1 << 20, 1));
    expect(errorOf(() => copied(fill, [['size', '64k']]))).toMatchObject({
      steps: ['copy large'],
      call: { name: 'sendfile', errno: errno.ENOSPC },
    });
  });
});
