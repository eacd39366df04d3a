import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Prepare } from '../lib/container.js';
import { suite } from '../lib/suite.js';

/** Type, numbers in hexadecimal, mode, owner. */
const stat = (...paths: readonly string[]) => `stat -c '%n %F %t:%T %a %u:%g' ${paths.join(' ')}`;

const defaults = `
/dev/null character special file 1:3 666 0:0
/dev/zero character special file 1:5 666 0:0
/dev/full character special file 1:7 666 0:0
/dev/random character special file 1:8 666 0:0
/dev/urandom character special file 1:9 666 0:0
/dev/tty character special file 5:0 666 0:0
`.trimStart();

const defaultPaths = defaults.match(/^\S+/gm) ?? [];

/** /dev/fuse: a device that opens at once and that no rule allows by default. */
const fuse = { path: '/dev/fuse', type: 'c', major: 10, minor: 229 } as const;
const opens = 'for how in "<" ">>"; do eval "true $how/dev/fuse" 2>&1 && echo opened; done; true';

const rules =
  (...devices: readonly object[]): Prepare =>
  ({ linux }) => {
    linux.devices = [fuse];
    linux.resources = { devices };
  };

const deny = { allow: false, access: 'rwm' };

suite('devices', ({ it, engine }) => {
  it('that every container has are there, for everybody', async (box) => {
    expect(await box.inside(stat(...defaultPaths))).toBe(defaults);
  });

  it('work', async (box) => {
    const output = await box.inside(
      'echo lost >/dev/null; head -c 3 /dev/zero | od -An -tx1; head -c 5 /dev/urandom | wc -c; ' +
        'echo x >/dev/full; echo $?',
    );
    expect(output).toMatch(/^ 00 00 00\n5\n1\n$/);
  });

  it('come with the links that programs look for', async (box) => {
    const links = ['fd', 'stdin', 'stdout', 'stderr', 'ptmx', 'core'];
    const output = await box.inside(
      `for l in ${links.join(' ')}; do readlink /dev/$l; done; ls /dev; test -e /dev/console || echo none`,
    );
    const core = existsSync('/proc/kcore') ? ['core'] : [];
    expect(output.replace('/proc/kcore\n', '')).toBe(
      '/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx\n' +
        `${[...core, 'fd', 'full', 'mqueue', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero'].join('\n')}\nnone\n`,
    );
  });

  it('of the configuration have their type, numbers, mode and owner', async (box) => {
    const paths = ['/dev/c', '/dev/u', '/dev/b', '/dev/p', '/elsewhere/deep', '/dev/null'];
    const output = await box.inside(stat(...paths), ({ linux }) => {
      linux.devices = [
        { path: '/dev/c', type: 'c', major: 10, minor: 229, fileMode: 0o600, uid: 5, gid: 6 },
        { path: '/dev/u', type: 'u', major: 240, minor: 1000 },
        { path: '/dev/b', type: 'b', major: 7, minor: 300, fileMode: 0o4640 },
        { path: '/dev/p', type: 'p', fileMode: 0o444, uid: 7 },
        { path: '/elsewhere/deep', type: 'c', major: 1, minor: 3 },
        { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o622 },
      ];
    });
    expect(output.split('\n').slice(0, -1)).toEqual([
      '/dev/c character special file a:e5 600 5:6',
      '/dev/u character special file f0:3e8 666 0:0',
      '/dev/b block special file 7:12c 4640 0:0',
      '/dev/p fifo 0:0 444 7:0',
      '/elsewhere/deep character special file 1:3 666 0:0',
      '/dev/null character special file 1:3 622 0:0',
    ]);
  });

  it('are made in the image when nothing is mounted at /dev', async (box) => {
    const container = box.container((config) => {
      config.process.args = ['sh', '-c', stat(...defaultPaths)];
      config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: defaults });
    expect(lstatSync(join(container.rootfs, 'dev/null')).isCharacterDevice()).toBe(true);
    const again = await container.runtime('run');
    expect(again).toMatchObject({ status: 0, stdout: defaults });
  });

  it('are the host’s when /dev is bound from it, and nothing is made there', async (box) => {
    const output = await box.inside('ls /dev', (config, { bundle }) => {
      mkdirSync(join(bundle, 'dev'));
      writeFileSync(join(bundle, 'dev/of-the-host'), '');
      execFileSync('mknod', [join(bundle, 'dev/null'), 'c', '1', '3']);
      config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
      config.mounts.push({
        destination: '/dev',
        type: 'bind',
        source: join(bundle, 'dev'),
        options: ['bind'],
      });
      delete config.linux.maskedPaths;
    });
    expect(output).toBe('null\nof-the-host\n');
  });

  it('replace a /dev/ptmx that the image brings', async (box) => {
    const output = await box.inside('readlink /dev/ptmx', (config, { rootfs }) => {
      writeFileSync(join(rootfs, 'dev/ptmx'), 'of the image');
      config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev');
    });
    expect(output).toBe('pts/ptmx\n');
  });

  it('are refused when the image has something else in their place', async (box) => {
    const refusal = await box.refusal((config, { rootfs }) => {
      symlinkSync('/etc/passwd', join(rootfs, 'dev/null'));
      config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'));
    });
    expect(refusal).toContain('/dev/null');
  });

  it('that no rule allows cannot be opened', async (box) => {
    const output = await box.inside(opens, rules(deny));
    expect(output).toMatch(/^[^\n]*Operation not permitted\n[^\n]*Operation not permitted\n$/);
  });

  it('are denied without any rule too', async (box) => {
    const output = await box.inside(opens, ({ linux }) => {
      linux.devices = [fuse];
      delete linux.resources;
    });
    expect(output).toMatch(/^[^\n]*Operation not permitted\n[^\n]*Operation not permitted\n$/);
  });

  it('can be opened as far as rules allow', async (box) => {
    const own = { allow: true, type: 'c', major: 10, minor: 229 };
    const reads = await box.inside(opens, rules(deny, { ...own, access: 'r' }));
    expect(reads).toMatch(/^opened\n[^\n]*Operation not permitted\n$/);
    const both = await box.inside(opens, rules(deny, { ...own, access: 'rw' }));
    expect(both).toBe('opened\nopened\n');
    if (!engine.quick) return;
    const wild = { allow: true, type: 'c', major: 10, access: 'rw' };
    expect(await box.inside(opens, rules(deny, wild))).toBe('opened\nopened\n');
    const all = { allow: true, access: 'rwm' };
    expect(await box.inside(opens, rules(deny, all))).toBe('opened\nopened\n');
    const again = { allow: false, type: 'c', major: 10, minor: 229, access: 'w' };
    expect(await box.inside(opens, rules(deny, { ...own, access: 'rw' }, again))).toMatch(
      /^opened\n[^\n]*Operation not permitted\n$/,
    );
  });

  it('may be made by a container that can, but only opened by the rules', async (box) => {
    const output = await box.inside(
      'mknod /tmp/fuse c 10 229 && echo made; true </tmp/fuse; mknod /tmp/null c 1 3; echo >/tmp/null && echo open',
      (config) => {
        for (const set of ['bounding', 'permitted', 'effective'] as const)
          config.process.capabilities?.[set]?.push('CAP_MKNOD');
      },
    );
    expect(output).toBe('made\nopen\n');
  });
});
