import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Mount } from '../lib/config.js';
import { suite } from '../lib/suite.js';

const tmpfs = (destination: string, ...options: readonly string[]): Mount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['tmpcopyup', ...options],
});

suite('a tmpfs with tmpcopyup', ({ it }) => {
  it('holds what it covers, with owners, modes, links and devices', async (box) => {
    const container = box.container((config, { rootfs }) => {
      const path = join(rootfs, 'data');
      mkdirSync(join(path, 'sub'), { recursive: true });
      chmodSync(path, 0o2711);
      writeFileSync(join(path, 'sub/file'), 'of the image\n');
      writeFileSync(join(path, 'program'), '');
      chownSync(join(path, 'sub/file'), 1000, 100);
      chownSync(join(path, 'program'), 7, 8);
      chmodSync(join(path, 'program'), 0o6755);
      symlinkSync('/etc/passwd', join(path, 'link'));
      execFileSync('mknod', ['-m', '600', join(path, 'node'), 'c', '1', '3']);
      execFileSync('mkfifo', ['-m', '640', join(path, 'fifo')]);
      config.mounts.push(tmpfs('/data', 'nosuid'));
      config.process.args = [
        'sh',
        '-c',
        'cd /data; find . | sort | while read f; do stat -c "%n %F %a %u:%g" $f; done; ' +
          'cat sub/file; readlink link; stat -c %t:%T node; echo new >sub/file; rm program; ' +
          'grep " /data " /proc/self/mountinfo | cut -d " " -f 5,9',
      ];
    });
    const { status, stdout } = await container.runtime('run');
    expect({ status, stdout: stdout.split('\n') }).toEqual({
      status: 0,
      stdout: [
        '. directory 2711 0:0',
        './fifo fifo 640 0:0',
        './link symbolic link 777 0:0',
        './node character special file 600 0:0',
        './program regular empty file 6755 7:8',
        './sub directory 755 0:0',
        './sub/file regular file 644 1000:100',
        'of the image',
        '/etc/passwd',
        '1:3',
        '/data tmpfs',
        '',
      ],
    });
    // The image is left as it was.
    expect(readdirSync(join(container.rootfs, 'data')).sort()).toContain('program');
  });

  it('is empty where there was nothing', async (box) => {
    const output = await box.inside('ls -A /new/place | wc -l', (config) => {
      config.mounts.push(tmpfs('/new/place'));
    });
    expect(output).toBe('0\n');
  });

  it('may be read-only, and copies before it turns so', async (box) => {
    const output = await box.inside('cat /data/x; touch /data/y 2>&1 || true', (config, paths) => {
      mkdirSync(join(paths.rootfs, 'data'));
      writeFileSync(join(paths.rootfs, 'data/x'), 'copied\n');
      config.mounts.push(tmpfs('/data', 'ro', 'nosymfollow', 'noexec', 'nodev'));
    });
    expect(output).toBe('copied\ntouch: /data/y: Read-only file system\n');
  });

  it('copies what mounts below its place show', async (box) => {
    const output = await box.inside('ls /outer /outer/inner', (config, { bundle }) => {
      mkdirSync(join(bundle, 'source'));
      writeFileSync(join(bundle, 'source/bound'), '');
      config.mounts.push(
        { destination: '/outer/inner', type: 'bind', source: 'source', options: ['bind', 'ro'] },
        tmpfs('/outer'),
      );
    });
    expect(output).toBe('/outer:\ninner\n\n/outer/inner:\nbound\n');
  });

  it('copies links of the image as they are, and nothing from behind them', async (box) => {
    const outside = box.folderFor('outside');
    writeFileSync(join(outside, 'secret'), 'of the host');
    const output = await box.inside('find /link /data; readlink /data/out', (config, paths) => {
      mkdirSync(join(paths.rootfs, 'data'));
      symlinkSync(outside, join(paths.rootfs, 'data/out'));
      symlinkSync(outside, join(paths.rootfs, 'link'));
      config.mounts.push(tmpfs('/data'), tmpfs('/link'));
    });
    expect(output).not.toContain('secret');
    expect(output).toContain(`/data/out\n`);
    expect(output.trimEnd().endsWith(outside)).toBe(true);
  });

  it('that is too small is refused with a pointer and advice, and nothing is left', async (box) => {
    const refusal = await box.refusal((config, { rootfs }) => {
      mkdirSync(join(rootfs, 'data'));
      writeFileSync(join(rootfs, 'data/large'), Buffer.alloc(1 << 20, 1));
      config.mounts.push(tmpfs('/data', 'size=64k'));
    });
    expect(refusal).toMatch(/mount \/data: copy large: \/mounts\/7: .*ENOSPC.*larger size=/);
  });
});
