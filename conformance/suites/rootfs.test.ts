import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inMountNamespace } from '../lib/engines.js';
import { parseMounts } from '../lib/machine.js';
import { boxed, suite } from '../lib/suite.js';

const mountinfo = 'cat /proc/self/mountinfo';
const rootOf = (text: string) => parseMounts(text).find(({ path }) => path === '/');

suite('root file system', ({ it, engine }) => {
  it('is found by an absolute path as well', async (box) => {
    const output = await box.inside('echo /here*', (config, { rootfs }) => {
      config.root.path = rootfs;
      writeFileSync(join(rootfs, 'here'), '');
    });
    expect(output).toBe('/here\n');
  });

  it('can be written to, unless it is read-only', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['touch', '/made'];
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0 });
    expect(existsSync(join(container.rootfs, 'made'))).toBe(true);
    const output = await box.inside(
      `touch /made 2>&1; touch /dev/shm/made; ${mountinfo}`,
      (config) => {
        config.root.readonly = true;
      },
    );
    expect(output).toContain('touch: /made: Read-only file system');
    expect(rootOf(output)?.options).toContain('ro');
  });

  it('shows nothing of the host’s', async (box) => {
    const output = await box.inside(`ls /; ${mountinfo}`);
    const own = ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp'];
    expect(output.split('\n').slice(0, own.length)).toEqual(own);
    for (const { path } of parseMounts(output)) expect(path).toMatch(/^\/$|^\/(dev|proc|sys)/);
  });

  it('gets mount points that it lacks, and nothing else', async (box) => {
    const container = box.container(({ process, mounts }) => {
      process.args = ['true'];
      mounts.push({ destination: '/a/b/c', type: 'tmpfs', source: 'tmpfs' });
    });
    await container.runtime('run');
    expect(readdirSync(container.rootfs).sort()).toEqual(
      ['a', 'bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp'].sort(),
    );
    expect(readdirSync(join(container.rootfs, 'dev'))).toEqual([]);
  });

  it('is refused when it is missing, a file, or reached by a symbolic link', async (box) => {
    const missing = await box.refusal((config) => {
      config.root.path = 'nowhere';
    });
    expect(missing).toContain('/root/path');
    const file = await box.refusal((config, { bundle }) => {
      config.root.path = 'file';
      writeFileSync(join(bundle, 'file'), '');
    });
    expect(file).toContain('/root/path');
    const link = await box.refusal((config, { bundle }) => {
      config.root.path = 'link';
      symlinkSync('rootfs', join(bundle, 'link'));
    });
    expect(link).toContain('/root/path');
  });

  it('works without pivot_root too', async (box) => {
    const container = box.container((config) => {
      config.process.args = ['sh', '-c', `ls /; ls /..; ${mountinfo}`];
      config.linux.rootfsPropagation = 'slave';
    });
    const { status, stdout } = await container.runtime('run', '--no-pivot');
    expect(status).toBe(0);
    const own = 'bin\ndev\netc\nproc\nroot\nsys\ntmp\n';
    expect(stdout.startsWith(own + own)).toBe(true);
    expect(stdout).not.toContain('/sys/fs/cgroup/unified/');
  });

  it('is masked without pivot_root too: no way leads to the host’s procfs', async (box) => {
    const container = box.container((config) => {
      config.process.args = ['sh', '-c', 'echo /proc/[0-9]*; cat /proc/kcore | wc -c'];
      config.linux.rootfsPropagation = 'slave';
    });
    const { status, stdout } = await container.runtime('run', '--no-pivot');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '/proc/1\n0\n' });
  });

  const propagations: Record<string, RegExp> = {
    '': /^$/,
    private: /^$/,
    rprivate: /^$/,
    slave: /^master:\d+$/,
    rslave: /^master:\d+$/,
    shared: /^shared:\d+/,
    rshared: /^shared:\d+/,
    unbindable: /^unbindable$/,
    runbindable: /^unbindable$/,
  };

  for (const [word, expected] of engine.quick ? Object.entries(propagations) : [])
    it(`has the propagation ${word || 'private'} when the configuration says "${word}"`, async (box) => {
      const output = await box.inside(mountinfo, ({ linux }) => {
        if (word !== '') linux.rootfsPropagation = word;
      });
      const found = rootOf(output)?.propagation.join(' ') ?? '';
      // The host’s own mounts may be private, and then there is no master.
      if (word.endsWith('slave') && found === '') return;
      expect(found).toMatch(expected);
    });

  test(
    'receives what is mounted in the host when it is a slave, and sends nothing back',
    boxed(
      inMountNamespace(
        engine,
        'mkdir -p "$TEST_FOLDER/shared"; mount --bind "$TEST_FOLDER" "$TEST_FOLDER"; ' +
          'mount --make-shared "$TEST_FOLDER"',
      ),
      async (box) => {
        const container = box.container(({ process, linux, mounts }, { rootfs }) => {
          process.args = ['sh', '-c', mountinfo];
          linux.rootfsPropagation = 'rslave';
          mounts.push({
            destination: '/shared',
            source: join(rootfs, '../..'),
            options: ['rbind', 'rslave'],
          });
        });
        const env = { TEST_FOLDER: box.folder };
        const { status, stdout } = await box.with({ env }, ...container.words('run'));
        expect(status).toBe(0);
        expect(rootOf(stdout)?.propagation.join(' ')).toMatch(/^master:\d+$/);
        const shared = parseMounts(stdout).find(({ path }) => path === '/shared');
        expect(shared?.propagation.join(' ')).toMatch(/^master:\d+$/);
      },
    ),
  );

  if (engine.quick)
    it('may be moved before start, and deleted all the same', async (box) => {
      const container = box.container(({ process }) => {
        process.args = ['echo', 'works'];
      });
      const pid = await container.created();
      const moved = join(container.bundle, 'moved');
      renameSync(container.rootfs, moved);
      mkdirSync(container.rootfs);
      await container.start();
      await container.ended(pid);
      expect(container.output()).toBe('works\n');
      expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
    });
});
