import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseMounts } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

suite('masked paths', ({ it }) => {
  it('of files read as the null device, and of directories as empty and read-only', async (box) => {
    const output = await box.inside(
      'cat /secret /linked; stat -c "%F %t:%T" /secret; ls -A /folder /deep/er; touch /folder/x 2>&1; ' +
        'ls -d /folder',
      ({ linux }, { rootfs }) => {
        writeFileSync(join(rootfs, 'secret'), 'hunter2\n');
        writeFileSync(join(rootfs, 'behind'), 'hunter3\n');
        symlinkSync('behind', join(rootfs, 'linked'));
        for (const folder of ['folder', 'deep/er']) {
          mkdirSync(join(rootfs, folder), { recursive: true });
          writeFileSync(join(rootfs, folder, 'file'), '');
        }
        linux.maskedPaths = [
          '/secret',
          '/linked',
          '/folder',
          '/deep/er',
          '/secret',
          '/not/there',
          '/secret/x',
        ];
      },
    );
    expect(output).toBe(
      'character special file 1:3\n/deep/er:\n\n/folder:\ntouch: /folder/x: Read-only file system\n/folder\n',
    );
  });

  it('of the default configuration hide what they name', async (box) => {
    const output = await box.inside(
      'cat /proc/kcore /proc/keys /proc/timer_list; ls -A /sys/firmware /proc/scsi; true',
    );
    expect(output.replaceAll(/^\/.*:$/gm, '').trim()).toBe('');
  });

  it('stay masked for a container that may mount nothing', async (box) => {
    expect(await box.inside('umount /proc/keys 2>&1; cat /proc/keys')).toMatch(
      /^umount: [^\n]*\n$/,
    );
  });
});

suite('read-only paths', ({ it }) => {
  it('cannot be written to', async (box) => {
    const output = await box.inside(
      'touch /folder/x 2>&1; echo 1 2>&1 >/file; echo 1 2>&1 >/proc/sys/net/ipv4/ip_forward; ' +
        'touch /other/x && echo written',
      ({ linux }, { rootfs }) => {
        mkdirSync(join(rootfs, 'folder'));
        mkdirSync(join(rootfs, 'other'));
        writeFileSync(join(rootfs, 'file'), '');
        linux.readonlyPaths = ['/folder', '/file', '/proc/sys', '/not/there', '/etc/passwd/x'];
      },
    );
    expect(output.match(/Read-only file system/g)).toHaveLength(3);
    expect(output).toMatch(/written\n$/);
  });

  it('keep the options that they have, and take along what is mounted below', async (box) => {
    const output = await box.inside('cat /proc/self/mountinfo', (config) => {
      const tmpfs = (destination: string, ...options: string[]) => ({
        ...{ destination, type: 'tmpfs', source: 'tmpfs' },
        options,
      });
      config.mounts.push(tmpfs('/m', 'nosuid', 'nodev', 'noexec'), tmpfs('/m/below', 'nosuid'));
      config.linux.readonlyPaths = ['/m'];
    });
    const last = (place: string) => parseMounts(output).findLast(({ path }) => path === place);
    expect(last('/m')?.options).toEqual(
      expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec']),
    );
    expect(last('/m/below')?.options).toContain('nosuid');
  });
});

suite('sysctl', ({ it, engine }) => {
  it('is written before /proc/sys turns read-only', async (box) => {
    const names = ['net.ipv4.ip_forward', 'kernel.msgmax', 'fs.mqueue.queues_max'];
    const files = names.map((name) => `/proc/sys/${name.replaceAll('.', '/')}`);
    const output = await box.inside(`cat ${files.join(' ')}`, ({ linux }) => {
      linux.sysctl = { [names[0]!]: '1', [names[1]!]: '4096', [names[2]!]: '33' };
    });
    expect(output).toBe('1\n4096\n33\n');
  });

  it('takes slashes in the place of dots', async (box) => {
    const file = '/proc/sys/net/ipv4/conf/lo/forwarding';
    const output = await box.inside(`cat ${file}`, ({ linux }) => {
      linux.sysctl = { 'net/ipv4/conf/lo/forwarding': '1' };
    });
    expect(output).toBe('1\n');
  });

  it('is refused where it would change the host', async (box) => {
    const wrong = {
      'kernel.panic': 'sysctl \\"kernel.panic\\" is not in a separate kernel namespace',
      'kernel.hostname': 'kernel.hostname',
      'vm.swappiness': 'is not in a separate kernel namespace',
    };
    for (const [name, message] of Object.entries(wrong).slice(0, engine.quick ? 3 : 1)) {
      const refusal = await box.refusal(({ linux }) => {
        linux.sysctl = { [name]: '1' };
      });
      expect(refusal).toContain(message);
      expect(refusal).toContain(`/linux/sysctl/${name}`);
    }
    const noNamespace = await box.refusal((config) => {
      config.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
    });
    expect(noNamespace).toContain('is not in a separate kernel namespace');
  });

  it('names the parameter that the kernel refuses', async (box) => {
    const refusal = await box.refusal(({ linux }) => {
      linux.sysctl = { 'net.ipv4.ip_forward': 'perhaps' };
    });
    expect(refusal).toContain('/linux/sysctl/net.ipv4.ip_forward');
  });
});
