import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { call } from '../lib/call.js';
import { suite } from '../lib/suite.js';

/** In latin1 each of these is one byte, and they are not UTF-8. */
const odd = 'caf\xe9\xff\x80';
const oddBytes = Buffer.from(odd, 'latin1');

/** JSON is UTF-8, so such a byte is shown as a lone surrogate: its place is U+DC00. */
const bytesOf = (text: string): string =>
  text.replace(/[\udc80-\udcff]/g, (half) => String.fromCharCode(half.charCodeAt(0) & 0xff));

suite('bytes that are not UTF-8', ({ it, engine }) => {
  it('survive in arguments, environment and working directory', async (box) => {
    const container = box.container(({ process }) => {
      process.args = [
        'sh',
        '-c',
        'printf "%s\\n" "$1" "$X"; pwd; cat /proc/self/environ',
        'sh',
        odd,
      ];
      process.env.push(`X=${odd}`);
      process.cwd = `/${odd}`;
    });
    container.write('latin1');
    const { status, running } = await container.runtime('run');
    expect(status).toBe(0);
    const output = readFileSync(running.stdoutFile).toString('latin1');
    expect(output.split('\n').slice(0, 3)).toEqual([odd, odd, `/${odd}`]);
    expect(output).toContain(`\0X=${odd}\0`);
  });

  it('survive in paths of the root, of mounts, of devices and of masks', async (box) => {
    const container = box.container((config, { bundle, rootfs }) => {
      config.process.args = [
        'sh',
        '-c',
        `cat /${odd}/file /link; for f in /dev/caf*; do echo "$f"; done; cat /${odd}m`,
      ];
      config.root.path = odd;
      config.mounts.push({
        destination: `/${odd}`,
        type: 'bind',
        source: join(bundle, odd, 's'),
        options: ['bind'],
      });
      config.linux.devices = [{ path: `/dev/${odd}`, type: 'p' }];
      config.linux.maskedPaths = [`/${odd}m`];
      writeFileSync(join(rootfs, 'link'), '');
      mkdirSync(join(rootfs, 's'));
      writeFileSync(join(rootfs, 's/file'), 'in it\n');
      writeFileSync(
        Buffer.concat([Buffer.from(`${rootfs}/`), oddBytes, Buffer.from('m')]),
        'secret',
      );
    });
    renameSync(container.rootfs, Buffer.concat([Buffer.from(`${container.bundle}/`), oddBytes]));
    container.write('latin1');
    const { status, stderr, running } = await container.runtime('run');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(running.stdoutFile).toString('latin1')).toBe(`in it\n/dev/${odd}\n`);
  });

  it('survive in the path of the bundle, and `state` shows them', async (box) => {
    const container = box.container();
    const bundle = Buffer.concat([Buffer.from(`${box.folder}/`), oddBytes]);
    renameSync(container.bundle, bundle);
    // Node cannot pass such an argument itself.
    const script = 'bundle=$1; shift; exec "$@" --bundle "$(cat "$bundle")" "$id"';
    writeFileSync(join(box.folder, 'name'), bundle);
    const command = [...engine.command, '--root', box.root, 'create'];
    const arguments_ = ['sh', '-c', script, 'sh', join(box.folder, 'name'), ...command];
    const env = { id: container.id };
    expect(await call(box.folder, arguments_, { env })).toMatchObject({ status: 0, stderr: '' });
    const state = await container.query();
    expect(Buffer.from(bytesOf(state.bundle), 'latin1')).toEqual(bundle);
    expect(Buffer.from(bytesOf(state.rootfs), 'latin1')).toEqual(
      Buffer.concat([bundle, Buffer.from('/rootfs')]),
    );
    expect(await container.start()).toMatchObject({ status: 0 });
  });

  it('survive beside text in other scripts', async (box) => {
    const text = 'naïve 漢字 🚀 \\ " \u2028 \u007f';
    const container = box.container(({ process }) => {
      process.args = ['printf', '%s', text];
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: text });
  });
});

suite('large configurations', ({ it }) => {
  it('work up to what execve takes', async (box) => {
    const names = Array.from({ length: 500 }, (_, i) => `N${i}`);
    const output = await box.inside('env | grep -c "^N[0-9]*=x\\{1000\\}$"', (config) => {
      config.process.env.push(...names.map((name) => `${name}=${'x'.repeat(1000)}`));
      config.annotations = Object.fromEntries(names.map((name) => [name, 'y'.repeat(500)]));
    });
    expect(output).toBe('500\n');
  });

  it('fail at start when execve does not take them', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['echo', 'x'.repeat(200_000)];
    });
    await container.created();
    const { status, stderr } = await container.start();
    expect(status).toBe(1);
    expect(stderr).toContain('argument list too long');
  });
});
