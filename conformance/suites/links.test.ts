import { mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Prepare } from '../lib/container.js';
import { suite } from '../lib/suite.js';

/** A bundle with files and links, and one bind mount of them. */
const bound =
  (source: string, destination: string, ...options: readonly string[]): Prepare =>
  (config, { bundle, rootfs }) => {
    mkdirSync(join(bundle, 'source/folder'), { recursive: true });
    mkdirSync(join(rootfs, 'real'));
    writeFileSync(join(bundle, 'source/file'), 'of the host\n');
    writeFileSync(join(rootfs, 'real/file'), 'of the image\n');
    symlinkSync('file', join(bundle, 'source/link'));
    symlinkSync('folder', join(bundle, 'source/folder-link'));
    symlinkSync('/real/file', join(rootfs, 'link'));
    symlinkSync('file', join(rootfs, 'same'));
    config.mounts.push({
      destination,
      type: 'bind',
      source: `source/${source}`,
      options: [...options],
    });
  };

suite('a bind mount and symbolic links', ({ it, engine }) => {
  it('makes a link anew with copy-symlink', async (box) => {
    const container = box.container((config, paths) => {
      bound('link', '/new/deep', 'copy-symlink')(config, paths);
      config.process.args = ['sh', '-c', 'readlink /new/deep; grep -c /new /proc/self/mountinfo'];
    });
    expect((await container.runtime('run')).stdout).toBe('file\n0\n');
    expect(readlinkSync(join(container.rootfs, 'new/deep'))).toBe('file');
  });

  it('takes a link that is there already with copy-symlink, if it is the same', async (box) => {
    const output = await box.inside('readlink /same', bound('link', '/same', 'copy-symlink'));
    expect(output).toBe('file\n');
    const refusal = await box.refusal(bound('link', '/link', 'copy-symlink'));
    expect(refusal).toMatch(/\/mounts\/7: something else stands at \/link already/);
    expect(await box.refusal(bound('link', '/real', 'copy-symlink'))).toMatch(/something else/);
  });

  it('mounts what is no link as ever with copy-symlink', async (box) => {
    const prepare = bound('file', '/m', 'copy-symlink', 'ro');
    expect(await box.inside('cat /m; touch /m 2>&1; true', prepare)).toBe(
      'of the host\ntouch: /m: Read-only file system\n',
    );
  });

  it('follows a link at its source, but not with src-nofollow', async (box) => {
    expect(await box.inside('cat /m', bound('link', '/m'))).toBe('of the host\n');
    const output = await box.inside(
      'readlink /m; grep -c " /m " /proc/self/mountinfo',
      bound('link', '/m', 'src-nofollow'),
    );
    expect(output).toBe('file\n1\n');
  });

  it('takes a source that is no link as ever with src-nofollow', async (box) => {
    const prepare = bound('', '/m', 'src-nofollow');
    expect(await box.inside('cat /m/file', prepare)).toBe('of the host\n');
  });

  it('follows a link at its destination, but not with dest-nofollow', async (box) => {
    const look = 'cat /link /real/file; cut -d " " -f 5 /proc/self/mountinfo | grep -E "link|real"';
    expect(await box.inside(look, bound('file', '/link'))).toBe(
      'of the host\nof the host\n/real/file\n',
    );
    expect(await box.inside(look, bound('file', '/link', 'dest-nofollow'))).toBe(
      'of the host\nof the image\n/link\n',
    );
  });

  it('has a place made as ever with dest-nofollow', async (box) => {
    const prepare = bound('file', '/a/b', 'dest-nofollow');
    expect(await box.inside('cat /a/b', prepare)).toBe('of the host\n');
  });

  it('may put a link over a link with both words', async (box) => {
    const prepare = bound('link', '/link', 'src-nofollow', 'dest-nofollow');
    expect(await box.inside('readlink /link', prepare)).toBe('file\n');
  });

  it('cannot put a directory over a link, nor follow one out of the root', async (box) => {
    const refusal = await box.refusal(bound('folder', '/link', 'dest-nofollow'));
    expect(refusal).toMatch(/\/mounts\/7: move_mount/);
    if (!engine.quick) return;
    const outside = box.folderFor('outside');
    const output = await box.inside(`cat /out/m; ls ${outside}`, (config, paths) => {
      symlinkSync(outside, join(paths.rootfs, 'out'));
      bound('file', '/out/m', 'dest-nofollow', 'src-nofollow')(config, paths);
    });
    expect(output).toBe('of the host\nm\n');
  });
});
