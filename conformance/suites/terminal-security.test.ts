import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Config, Mount } from '../lib/config.js';
import type { Paths } from '../lib/container.js';
import { suite } from '../lib/suite.js';
import { onPty, onTerminal } from '../lib/terminals.js';

const withoutMounts = (config: Config, ...paths: readonly string[]): void => {
  config.mounts = config.mounts.filter(({ destination }) => !paths.includes(destination));
};

const devpts = (options = 'nosuid,noexec,newinstance,ptmxmode=0666'): Mount => ({
  destination: '/dev/pts',
  type: 'devpts',
  source: 'devpts',
  options: options.split(','),
});

/** What a script shows on the terminal of a container with this image. */
async function shownWith(
  box: Box,
  script: string,
  prepare: (config: Config, paths: Paths) => void,
): Promise<string> {
  const container = box.container(onTerminal(script, prepare));
  const { stdout } = await onPty(box, container.words('run')).ended();
  expect(stdout).toContain('terminal as before\n');
  expect(stdout).not.toMatch(/bug|TypeError/);
  return stdout.replaceAll('\r', '');
}

const asIntended = /^\/dev\/pts\/0\n88:0\n\nstatus 0/;
const look = 'tty; stat -c %t:%T /dev/console';

suite('a hostile image with a terminal', ({ it }) => {
  it('cannot have it made outside by a link at /dev (CVE-2026-41579)', async (box) => {
    const outside = box.folderFor('outside');
    const output = await shownWith(box, look, (config, { rootfs }) => {
      withoutMounts(config, '/dev', '/dev/shm', '/dev/mqueue');
      rmdirSync(join(rootfs, 'dev'));
      symlinkSync(outside, join(rootfs, 'dev'));
    });
    // Resolved in the root file system.
    expect(output).toMatch(/outside\/pts\/0\n88:0\n/);
    expect(readdirSync(outside)).toEqual([]);
  });

  it('cannot have it made outside by a link at /dev/pts (CVE-2025-52565)', async (box) => {
    const outside = box.folderFor('outside');
    await shownWith(box, look, (config, { rootfs }) => {
      withoutMounts(config, '/dev');
      symlinkSync(outside, join(rootfs, 'dev/pts'));
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  it('cannot give a file of the host as multiplexer (CVE-2025-52565)', async (box) => {
    for (const target of ['/proc/1/root/dev/ptmx', '/proc/self/fd/0', '../../../../dev/ptmx']) {
      const output = await shownWith(box, look, (config, { rootfs }) => {
        withoutMounts(config, '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue');
        symlinkSync(target, join(rootfs, 'dev/ptmx'));
      });
      expect(output).toContain('level=error');
      expect(output).toContain('\nstatus 1, ');
    }
  });

  it('cannot have a file covered by a link at /dev/console (CVE-2025-52565)', async (box) => {
    const outside = box.folderFor('outside');
    writeFileSync(join(outside, 'file'), 'untouched');
    for (const target of [join(outside, 'file'), '/proc/sysrq-trigger', '../etc/passwd']) {
      const output = await shownWith(box, look, (config, { rootfs }) => {
        withoutMounts(config, '/dev');
        symlinkSync(target, join(rootfs, 'dev/console'));
      });
      expect(output).toContain('something else stands at /dev/console already');
    }
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('untouched');
  });

  it('cannot have a directory taken for /dev/console', async (box) => {
    const output = await shownWith(box, look, (config, { rootfs }) => {
      withoutMounts(config, '/dev');
      mkdirSync(join(rootfs, 'dev/console'));
    });
    expect(output).toContain('something else stands at /dev/console already');
  });
});

suite('a devpts', ({ it }) => {
  it('is one of its own also when that is not asked for', async (box) => {
    const output = await shownWith(box, `${look}; ls /dev/pts`, (config) => {
      withoutMounts(config, '/dev/pts');
      config.mounts.push(devpts('nosuid,noexec,ptmxmode=0666'));
    });
    expect(output).toMatch(/^\/dev\/pts\/0\n88:0\n0 +ptmx\n/);
  });

  it('may be in an image that has /dev itself', async (box) => {
    const output = await shownWith(box, look, (config) => withoutMounts(config, '/dev'));
    expect(output).toMatch(asIntended);
  });

  it('whose multiplexer nobody may use serves the container', async (box) => {
    const output = await shownWith(box, look, (config) => {
      withoutMounts(config, '/dev/pts');
      config.mounts.push(devpts('ptmxmode=0000'));
    });
    expect(output).toMatch(asIntended);
  });
});
