import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Box } from '../lib/box.js';
import type { IdMapping, Mount } from '../lib/config.js';
import type { Prepare } from '../lib/container.js';
import { inMountNamespace } from '../lib/engines.js';
import { inUserNamespace } from '../lib/ids.js';
import { boxed, suite } from '../lib/suite.js';

const map = (containerID: number, hostID: number, size: number): IdMapping => ({
  containerID,
  hostID,
  size,
});

/** A folder with files of the owners 0:0, 1000:100 and 5000:5000. */
function fill(path: string): void {
  mkdirSync(path, { recursive: true });
  for (const [name, uid, gid] of [
    ['root', 0, 0],
    ['user', 1000, 100],
    ['other', 5000, 5000],
  ] as const) {
    writeFileSync(join(path, name), '');
    chownSync(join(path, name), uid, gid);
  }
}

const bound =
  (options: readonly string[], rest: Partial<Mount> = {}): Prepare =>
  (config, { bundle }) => {
    fill(join(bundle, 'source'));
    config.mounts.push({
      ...{ destination: '/m', type: 'none', source: 'source', options: [...options] },
      ...rest,
    });
  };

const owners = 'stat -c "%n %u:%g" /m/root /m/user /m/other';
const nobody = '65534:65534';

/** As `owners` prints them. */
const shown = (root: string, user: string, other: string): string =>
  `/m/root ${root}\n/m/user ${user}\n/m/other ${other}\n`;

const mappings = { uidMappings: [map(0, 200, 2000)], gidMappings: [map(0, 300, 2000)] };
const shifted = shown('200:300', '1200:400', nobody);

suite('ID-mapped mounts', ({ it, engine }) => {
  const cases: readonly (readonly [what: string, prepare: Prepare, output: string])[] = [
    ['with mappings and idmap', bound(['bind', 'idmap'], mappings), shifted],
    ['with mappings alone', bound(['bind'], mappings), shifted],
    ['with mappings, recursive', bound(['rbind', 'ridmap'], mappings), shifted],
    [
      'with several ranges',
      bound(['bind', 'idmap'], {
        uidMappings: [map(0, 7, 1), map(1000, 8, 1), map(5000, 9, 10)],
        gidMappings: [map(100, 50, 1)],
      }),
      shown('7:65534', '8:50', '9:65534'),
    ],
    [
      'in the words of crun',
      bound(['bind', 'idmap=uids=0-200-2000#5000-1-1;gids=0-300-2000#5000-2-1']),
      shown('200:300', '1200:400', '1:2'),
    ],
  ];

  it('show files under the ids of their mapping, and write them back', async (box) => {
    for (const [what, prepare, output] of cases)
      expect([what, await box.inside(owners, prepare)]).toEqual([what, output]);
    const container = box.container((config, paths) => {
      bound(['bind', 'idmap'], mappings)(config, paths);
      config.process.args = ['sh', '-c', 'echo x >/m/new'];
      config.process.user = { uid: 200, gid: 300 };
      chownSync(join(paths.bundle, 'source'), 0, 0);
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(join(container.bundle, 'source/new'))).toMatchObject({ uid: 0, gid: 0 });
  });

  it('may be single files, and be read-only', async (box) => {
    const output = await box.inside('stat -c %u:%g /f; touch /f 2>&1; true', (config, paths) => {
      fill(join(paths.bundle, 'source'));
      const options = ['bind', 'ro', 'nosuid', 'idmap=uids=1000-0-1;gids=100-0-1'];
      const source = join(paths.bundle, 'source/user');
      config.mounts.push({ destination: '/f', type: 'bind', source, options });
    });
    expect(output).toBe('0:0\ntouch: /f: Read-only file system\n');
  });

  it('may share one mapping, or have one each', async (box) => {
    const output = await box.inside('stat -c "%n %u" /a/root /b/root /c/root', (config, paths) => {
      fill(join(paths.bundle, 'source'));
      for (const [destination, id] of [
        ['/a', 11],
        ['/b', 11],
        ['/c', 12],
      ] as const) {
        const ids = [map(0, id, 1)];
        const mount = { destination, source: 'source', type: 'bind', options: ['idmap'] };
        config.mounts.push({ ...mount, uidMappings: ids, gidMappings: ids });
      }
    });
    expect(output).toBe('/a/root 11\n/b/root 11\n/c/root 12\n');
  });

  it('leave nothing open, in the container that waits and in the one that runs', async (box) => {
    const container = box.container((config, paths) => {
      bound(['bind', 'idmap'], mappings)(config, paths);
      config.process.args = ['sh', '-c', 'ls -l /proc/self/fd | grep -c user: ; true'];
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stdout: '0\n' });
  });

  it('may be new file systems', async (box) => {
    const output = await box.inside('touch /t/x; stat -c %u /t /t/x', (config) => {
      config.process.user = { uid: 33, gid: 33 };
      const options = ['mode=755', 'idmap=uids=0-33-1;gids=0-33-1'];
      config.mounts.push({ destination: '/t', type: 'tmpfs', source: 'tmpfs', options });
    });
    expect(output).toBe('33\n33\n');
  });

  for (const [words, below] of [
    ['rbind,idmap', '0:0'],
    ['rbind,ridmap', '200:300'],
  ] as const)
    test(
      `of the options ${words} show what is mounted below as ${below} (${engine.name})`,
      boxed(
        inMountNamespace(
          engine,
          'mkdir -p "$SOURCE"; mount -t tmpfs none "$SOURCE"; mkdir "$SOURCE/below"; ' +
            'mount -t tmpfs none "$SOURCE/below"; touch "$SOURCE/file" "$SOURCE/below/file"',
        ),
        async (box) => {
          const source = join(box.folder, 'source');
          const container = box.container((config) => {
            config.process.args = ['stat', '-c', '%u:%g', '/m/file', '/m/below/file'];
            const options = words.split(',');
            config.mounts.push({ destination: '/m', type: 'none', source, options, ...mappings });
          });
          const env = { SOURCE: source };
          const { status, stdout } = await box.with({ env }, ...container.words('run'));
          expect({ status, stdout }).toEqual({ status: 0, stdout: `200:300\n${below}\n` });
        },
      ),
    );

  const wrong = 'uids=0-1-10;gids=0-1-10';
  const refusals: readonly (readonly [what: string, prepare: Prepare, message: RegExp])[] = [
    [
      'no mapping and no user namespace',
      bound(['bind', 'idmap']),
      /\/mounts\/7\/options\/1: .*needs uidMappings and gidMappings, or a user namespace/,
    ],
    ['a range that is none', bound(['bind', 'idmap=uids=0-1;gids=0-1-1']), /options\/1.*0-1/],
    ['an empty range', bound(['bind', 'idmap=uids=0-1-0;gids=0-1-1']), /options\/1.*0-1-0/],
    ['users alone', bound(['bind', 'idmap=uids=0-1-1']), /options\/1: .*needs uids and gids/],
    ['other words', bound(['bind', 'ridmap=users=0-1-1']), /options\/1: .*neither uids= nor gids=/],
    [
      'an @ without a user namespace',
      bound(['bind', 'idmap=uids=@0-1-1;gids=@0-1-1']),
      /options\/1: .*does not map/,
    ],
    ['two mappings', bound(['bind', `idmap=${wrong}`], mappings), /options\/1: .*one ID mapping/],
    [
      'ranges that overlap',
      bound(['bind', 'idmap'], { ...mappings, uidMappings: [map(0, 1, 10), map(5, 90, 10)] }),
      /map user ids: \/mounts\/7: .*EINVAL.*must not overlap/,
    ],
    [
      'a file system that cannot do it',
      (config) => {
        const options = [`idmap=${wrong}`];
        config.mounts.push({ destination: '/q', type: 'mqueue', source: 'mqueue', options });
      },
      /\/mounts\/7: a file system of type mqueue at \/q cannot be ID-mapped/,
    ],
    [
      'a bind mount of a file system that cannot do it',
      bound(['bind', `idmap=${wrong}`], { source: '/proc/self/fdinfo' }),
      /\/mounts\/7: a file system of type proc at \/m cannot be ID-mapped/,
    ],
    [
      'cgroups',
      (config) => {
        config.mounts[6]!.options!.push(`idmap=${wrong}`);
      },
      /\/mounts\/6\/options\/5: idmap is for bind mounts/,
    ],
  ];

  it('are refused with a pointer when they cannot be made', async (box) => {
    for (const [what, prepare, message] of engine.quick ? refusals : refusals.slice(-3))
      expect([what, await box.refusal(prepare)]).toEqual([what, expect.stringMatching(message)]);
  });
});

/** Owned on the host as the ids inside are: only a mapping makes them the container's own. */
const inside =
  (box: Box, ...options: readonly string[]): Prepare =>
  (config, paths) => {
    inUserNamespace(box)(config, paths);
    fill(join(paths.bundle, 'source'));
    const source = { type: 'none', source: 'source' };
    config.mounts.push({ destination: '/m', ...source, options: [...options] });
  };

suite('ID-mapped mounts of a container with a user namespace', ({ it, engine }) => {
  it('show the host’s files as the container’s own, which others are not', async (box) => {
    const own = shown('0:0', '1000:100', '5000:5000');
    expect(await box.inside(owners, inside(box, 'bind'))).toBe(shown(nobody, nobody, nobody));
    expect(await box.inside(owners, inside(box, 'bind', 'idmap'))).toBe(own);
    expect(await box.inside(owners, inside(box, 'rbind', 'ridmap', 'ro'))).toBe(own);
    const container = box.container((config, paths) => {
      inside(box, 'bind', 'idmap')(config, paths);
      config.process.args = ['sh', '-c', 'echo x >/m/new'];
    });
    expect(await container.runtime('run')).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(join(container.bundle, 'source/new'))).toMatchObject({ uid: 0, gid: 0 });
  });

  it('may be relative to its mapping', async (box) => {
    const options = ['bind', 'idmap=uids=@1000-7-1;gids=@100-8-1'];
    const output = await box.inside(owners, inside(box, ...options));
    expect(output).toBe(shown(nobody, '7:8', nobody));
  });

  it('are cloned for it where it could not reach them itself', async (box) => {
    const secret = box.folderFor('secret');
    const output = await box.inside('cat /m/file', (config, paths) => {
      inUserNamespace(box)(config, paths);
      mkdirSync(join(secret, 'open'));
      writeFileSync(join(secret, 'open/file'), 'readable\n');
      chmodSync(secret, 0o700);
      const source = join(secret, 'open');
      config.mounts.push({ destination: '/m', type: 'bind', source, options: ['rbind', 'ro'] });
    });
    expect(output).toBe('readable\n');
  });

  it('may be the user namespace that it joins', async (box) => {
    const holder = box.container(
      inUserNamespace(box, ({ process }) => {
        process.args = ['sleep', '1000'];
      }),
    );
    const pid = await holder.started();
    const output = await box.inside(owners, (config, paths) => {
      inside(box, 'bind', 'idmap')(config, paths);
      const user = config.linux.namespaces.find(({ type }) => type === 'user')!;
      user.path = `/proc/${pid}/ns/user`;
      delete config.linux.uidMappings;
      delete config.linux.gidMappings;
    });
    expect(output).toBe(shown('0:0', '1000:100', '5000:5000'));
  });

  if (engine.quick)
    it('copy up what the container’s ids may own, and no device', async (box) => {
      const output = await box.inside('stat -c "%n %u:%g" /t/*; stat -c %a /t', (config, paths) => {
        inUserNamespace(box)(config, paths);
        const place = join(paths.rootfs, 't');
        mkdirSync(place, { mode: 0o711 });
        chownSync(place, 700_000, 800_000);
        writeFileSync(join(place, 'file'), '');
        chownSync(join(place, 'file'), 700_001, 800_002);
        execFileSync('mknod', [join(place, 'node'), 'c', '1', '3']);
        const tmpfs = { type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] };
        config.mounts.push({ destination: '/t', ...tmpfs });
      });
      expect(output).toBe('/t/file 1:2\n711\n');
    });
});
