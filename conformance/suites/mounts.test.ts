import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Mount } from '../lib/config.js';
import type { Prepare } from '../lib/container.js';
import { inMountNamespace } from '../lib/engines.js';
import { hierarchies, type MountEntry, parseMounts } from '../lib/machine.js';
import { boxed, suite } from '../lib/suite.js';

const mountinfo = 'cat /proc/self/mountinfo';

const tmpfs = (destination: string, ...options: readonly string[]): Mount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: [...options],
});

const bind = (source: string, destination: string, ...options: readonly string[]): Mount => ({
  destination,
  type: 'none',
  source,
  options: ['bind', ...options],
});

const adds =
  (...mounts: readonly Mount[]): Prepare =>
  (config) => {
    config.mounts.push(...mounts);
  };

interface Effect {
  readonly words: readonly string[];
  /** Options of the mount, as in mountinfo. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  /** Options of the file system. */
  readonly superHas?: readonly string[];
  readonly superLacks?: readonly string[];
  readonly propagation?: RegExp;
}

const effect = (words: string, rest: Omit<Effect, 'words'>): Effect => ({
  words: words.split(' '),
  ...rest,
});

const has = (words: string, ...options: readonly string[]) => effect(words, { has: options });
const lacks = (words: string, ...options: readonly string[]) => effect(words, { lacks: options });
const spreads = (words: string, propagation: RegExp) => effect(words, { propagation });

/** What every word does to a tmpfs; the last of two that contradict each other wins. */
const effects: readonly Effect[] = [
  has('defaults', 'rw', 'relatime'),
  has('ro', 'ro'),
  has('rw', 'rw'),
  has('ro rw', 'rw'),
  has('rw ro', 'ro'),
  has('nosuid', 'nosuid'),
  lacks('nosuid suid', 'nosuid'),
  has('suid nosuid', 'nosuid'),
  has('nodev', 'nodev'),
  lacks('nodev dev', 'nodev'),
  has('noexec', 'noexec'),
  lacks('noexec exec', 'noexec'),
  has('noatime', 'noatime'),
  has('noatime atime', 'relatime'),
  has('nodiratime', 'nodiratime'),
  lacks('nodiratime diratime', 'nodiratime'),
  has('relatime', 'relatime'),
  has('noatime norelatime', 'relatime'),
  lacks('strictatime', 'relatime', 'noatime'),
  has('strictatime nostrictatime', 'relatime'),
  has('strictatime noatime', 'noatime'),
  has('nosymfollow', 'nosymfollow'),
  lacks('nosymfollow symfollow', 'nosymfollow'),
  has('nosuid nodev noexec ro noatime', 'ro', 'nosuid', 'nodev', 'noexec', 'noatime'),
  effect('sync', { superHas: ['sync'] }),
  effect('async', { superLacks: ['sync'] }),
  effect('sync async', { superLacks: ['sync'] }),
  effect('dirsync', { superHas: ['dirsync'] }),
  effect('lazytime', { superHas: ['lazytime'] }),
  effect('lazytime nolazytime', { superLacks: ['lazytime'] }),
  has('silent', 'rw'),
  has('loud', 'rw'),
  has('iversion', 'rw'),
  has('noiversion', 'rw'),
  has('nomand', 'rw'),
  effect('size=1024k mode=700 uid=12 gid=34 nr_inodes=64', {
    superHas: ['size=1024k', 'mode=700', 'uid=12', 'gid=34', 'nr_inodes=64'],
  }),
  spreads('private', /^$/),
  spreads('shared', /^shared:\d+$/),
  spreads('slave', /^$/),
  spreads('shared slave', /^$/),
  spreads('unbindable', /^unbindable$/),
  spreads('rprivate', /^$/),
  spreads('rshared', /^shared:\d+$/),
  spreads('rslave', /^$/),
  spreads('runbindable', /^unbindable$/),
  has('rro', 'ro'),
  has('rro rrw', 'rw'),
  has('rnosuid', 'nosuid'),
  lacks('nosuid rsuid', 'nosuid'),
  has('rnodev', 'nodev'),
  lacks('nodev rdev', 'nodev'),
  has('rnoexec', 'noexec'),
  lacks('noexec rexec', 'noexec'),
  has('rnoatime', 'noatime'),
  has('rnodiratime', 'nodiratime'),
  lacks('nodiratime rdiratime', 'nodiratime'),
  has('noatime rrelatime', 'relatime'),
  lacks('rstrictatime', 'relatime', 'noatime'),
  has('rnosymfollow', 'nosymfollow'),
];

/** How a mount differs from what its words should have made of it. */
function differences(found: MountEntry | undefined, wanted: Effect): string[] {
  if (found === undefined) return [`${wanted.words}: not mounted`];
  const about = (name: string, list: readonly string[], wrong: readonly string[]) =>
    wrong.length === 0 ? [] : [`${wanted.words}: ${name} ${wrong}, has ${list}`];
  const { options, superOptions, propagation } = found;
  const missing = (list: readonly string[], words: readonly string[] = []) =>
    words.filter((word) => !list.includes(word));
  const present = (list: readonly string[], words: readonly string[] = []) =>
    words.filter((word) => list.includes(word));
  const spread = propagation.join(' ');
  return [
    ...about('lacks', options, missing(options, wanted.has)),
    ...about('should not have', options, present(options, wanted.lacks)),
    ...about('lacks', superOptions, missing(superOptions, wanted.superHas)),
    ...about('should not have', superOptions, present(superOptions, wanted.superLacks)),
    ...(wanted.propagation?.test(spread) === false ? [`${wanted.words}: spreads ${spread}`] : []),
  ];
}

suite('mounts', ({ it, engine }) => {
  it('take every option word for what it means', async (box) => {
    const places = effects.map((_, i) => `/m/${i}`);
    const mounts = effects.map(({ words }, i) => tmpfs(places[i]!, ...words));
    const found = parseMounts(await box.inside(mountinfo, adds(...mounts)));
    const at = (place: string) => found.find(({ path }) => path === place);
    expect(effects.flatMap((wanted, i) => differences(at(places[i]!), wanted))).toEqual([]);
  });

  it('of engines’ default configuration are there, with their options', async (box) => {
    const found = parseMounts(await box.inside(mountinfo));
    const shown = found
      .filter(({ path }) => /^\/(proc|sys|dev(\/.*)?|sys\/fs\/cgroup)$/.test(path))
      .map(({ path, type, options }) => `${path} ${type} ${[...options].sort()}`);
    expect(shown).toEqual([
      '/proc proc relatime,rw',
      '/dev tmpfs nosuid,rw',
      '/dev/pts devpts noexec,nosuid,relatime,rw',
      '/dev/shm tmpfs nodev,noexec,nosuid,relatime,rw',
      '/dev/mqueue mqueue nodev,noexec,nosuid,relatime,rw',
      '/sys sysfs nodev,noexec,nosuid,relatime,ro',
      expect.stringMatching(/^\/sys\/fs\/cgroup (tmpfs|cgroup2) nodev,noexec,nosuid,relatime,ro$/),
    ]);
    const pts = found.find(({ path }) => path === '/dev/pts');
    expect(pts?.superOptions).toEqual(
      expect.arrayContaining(['mode=620', 'gid=5', 'ptmxmode=666']),
    );
  });

  it('of type bind show directories and files of the host, at places that are made', async (box) => {
    const container = box.container((config, { bundle }) => {
      mkdirSync(join(bundle, 'folder'));
      writeFileSync(join(bundle, 'folder/file'), 'of the host\n');
      config.process.args = ['sh', '-c', 'cat /a/b/file /c/d; echo more >>/c/d; stat -c %a /a /c'];
      config.mounts.push(bind(join(bundle, 'folder'), '/a/b'), bind('folder/file', '/c/d'), {
        destination: '/dev/here',
        type: 'bind',
        source: 'folder',
        options: ['rbind', 'ro'],
      });
    });
    const { status, stdout } = await container.runtime('run');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'of the host\nof the host\n755\n755\n',
    });
    expect(readFileSync(join(container.bundle, 'folder/file'), 'utf8')).toBe('of the host\nmore\n');
    expect(statSync(join(container.rootfs, 'c/d')).mode & 0o777).toBe(0o644);
  });

  it('of type bind take options that the source does not have', async (box) => {
    const output = await box.inside(
      `touch /ro/x 2>&1; touch /rw/x; /noexec/busybox true 2>&1; ${mountinfo}`,
      (config, { bundle, rootfs }) => {
        mkdirSync(join(bundle, 'source'));
        config.mounts.push(
          bind(join(bundle, 'source'), '/ro', 'ro', 'nosuid'),
          bind(join(bundle, 'source'), '/rw'),
          bind(join(rootfs, 'bin'), '/noexec', 'noexec', 'nodev'),
        );
      },
    );
    expect(output).toContain('touch: /ro/x: Read-only file system');
    expect(output).toContain('/noexec/busybox: Permission denied');
    const found = parseMounts(output);
    const optionsOf = (place: string) => found.find(({ path }) => path === place)?.options;
    expect(optionsOf('/ro')).toEqual(expect.arrayContaining(['ro', 'nosuid']));
    expect(optionsOf('/rw')).toEqual(expect.arrayContaining(['rw']));
    expect(optionsOf('/noexec')).toEqual(expect.arrayContaining(['noexec', 'nodev']));
  });

  it('of type bind keep nothing of the propagation of the host', async (box) => {
    const output = await box.inside(mountinfo, adds(bind('/tmp', '/bound')));
    expect(parseMounts(output).find(({ path }) => path === '/bound')?.propagation).toEqual([]);
  });

  for (const [words, seen, change] of [
    ['rbind', true, 'rw'],
    ['bind', false, 'rw'],
    ['rbind,ro', true, 'rw'],
    ['rbind,rro', true, 'ro'],
    ['rbind,rnosuid', true, 'nosuid'],
  ] as const)
    test(
      `of the options ${words} ${seen ? 'bring what is mounted below, ' : 'do not bring what is mounted below'}${
        seen ? `which is ${change}` : ''
      } (${engine.name})`,
      boxed(
        inMountNamespace(
          engine,
          'mkdir -p "$SOURCE/below"; mount -t tmpfs none "$SOURCE"; mkdir "$SOURCE/below"; ' +
            'mount -t tmpfs none "$SOURCE/below"; touch "$SOURCE/below/mounted"',
        ),
        async (box) => {
          const source = join(box.folder, 'source');
          const container = box.container((config) => {
            config.process.args = ['sh', '-c', `ls /here/below; ${mountinfo}`];
            config.mounts.push({
              destination: '/here',
              type: 'none',
              source,
              options: words.split(','),
            });
          });
          const env = { SOURCE: source };
          const { status, stdout } = await box.with({ env }, ...container.words('run'));
          expect(status).toBe(0);
          expect(stdout.startsWith('mounted\n')).toBe(seen);
          const below = parseMounts(stdout).find(({ path }) => path === '/here/below');
          expect(below?.options.includes(change) ?? false).toBe(seen);
        },
      ),
    );

  it('of tmpfs take over the mode of the directory that they cover', async (box) => {
    const output = await box.inside('stat -c %a /private /sticky /given /new', (config, paths) => {
      for (const [name, mode] of [
        ['private', 0o700],
        ['sticky', 0o1777],
        ['given', 0o700],
      ] as const) {
        mkdirSync(join(paths.rootfs, name));
        chmodSync(join(paths.rootfs, name), mode);
      }
      config.mounts.push(
        tmpfs('/private'),
        tmpfs('/sticky'),
        tmpfs('/given', 'mode=0711'),
        tmpfs('/new'),
      );
    });
    expect(output).toBe('700\n1777\n711\n755\n');
  });

  it('of a read-only tmpfs still take the mount points that follow', async (box) => {
    const output = await box.inside(
      'touch /ro/x 2>&1; touch /ro/a/b/x; ls /ro/a/b /ro/dev; cat /ro/file',
      (config, { bundle }) => {
        writeFileSync(join(bundle, 'file'), 'bound\n');
        config.mounts.push(
          tmpfs('/ro', 'ro'),
          tmpfs('/ro/a/b'),
          bind(join(bundle, 'file'), '/ro/file', 'ro'),
        );
        config.linux.devices = [{ path: '/ro/dev', type: 'p' }];
      },
    );
    expect(output).toBe('touch: /ro/x: Read-only file system\n/ro/dev\n\n/ro/a/b:\nx\nbound\n');
  });

  it('of a read-only /dev still have all devices and links', async (box) => {
    const output = await box.inside(
      'touch /dev/x 2>&1; echo >/dev/null; readlink /dev/stdin; ls /dev/pts',
      (config) => {
        config.mounts[1]!.options!.push('ro');
      },
    );
    expect(output).toBe('touch: /dev/x: Read-only file system\n/proc/self/fd/0\nptmx\n');
  });

  it('change with remount what is mounted already', async (box) => {
    const output = await box.inside(mountinfo, (config) => {
      config.mounts.push(tmpfs('/m'), {
        destination: '/m',
        type: 'none',
        source: 'none',
        options: ['remount', 'bind', 'ro', 'nosuid'],
      });
    });
    const found = parseMounts(output).filter(({ path }) => path === '/m');
    expect(found).toHaveLength(1);
    expect(found[0]?.options).toEqual(expect.arrayContaining(['ro', 'nosuid']));
  });

  it('change with remount the options of a file system that they name', async (box) => {
    const output = await box.inside(
      `ls /m; ${mountinfo}`,
      adds(
        tmpfs('/m', 'size=64k', 'mode=711'),
        tmpfs('/m/in'),
        tmpfs('/m', 'remount', 'size=256k'),
      ),
    );
    expect(output.startsWith('in\n')).toBe(true);
    const found = parseMounts(output).filter(({ path }) => path === '/m');
    expect(found).toHaveLength(1);
    expect(found[0]?.superOptions).toEqual(expect.arrayContaining(['size=256k', 'mode=711']));
  });

  it('are made in the order of the configuration', async (box) => {
    const output = await box.inside(
      'ls /m; ls /m/in',
      adds(tmpfs('/m/in'), tmpfs('/m'), tmpfs('/m/in/x')),
    );
    expect(output).toBe('in\nx\n');
  });

  it('follow symbolic links of the image, inside it', async (box) => {
    const container = box.container((config, { rootfs }) => {
      symlinkSync('/real', join(rootfs, 'link'));
      mkdirSync(join(rootfs, 'real'));
      config.process.args = ['sh', '-c', mountinfo];
      config.mounts.push(tmpfs('/link/place'));
    });
    const { stdout } = await container.runtime('run');
    expect(parseMounts(stdout).map(({ path }) => path)).toContain('/real/place');
    expect(existsSync(join(container.rootfs, 'real/place'))).toBe(true);
  });

  it('at relative places are made as if these were absolute', async (box) => {
    const output = await box.inside('ls -d /rel/place', adds(tmpfs('rel/./place')));
    expect(output).toBe('/rel/place\n');
  });

  it('make what a link of the image names, where nothing is yet', async (box) => {
    const container = box.container((config, { bundle, rootfs }) => {
      config.process.args = ['sh', '-c', 'cat /etc/resolv.conf; ls -d /srv/data /run/deep/x'];
      mkdirSync(join(rootfs, 'etc/sub'));
      symlinkSync('../run/stub/resolv.conf', join(rootfs, 'etc/resolv.conf'));
      symlinkSync('/srv/', join(rootfs, 'volumes'));
      symlinkSync('../../run', join(rootfs, 'etc/sub/up'));
      writeFileSync(join(bundle, 'resolv.conf'), 'nameserver\n');
      config.mounts.push(
        bind('resolv.conf', '/etc/resolv.conf', 'ro'),
        tmpfs('/volumes/data'),
        tmpfs('/etc/sub/up/deep/x'),
      );
    });
    const { status, stdout } = await container.runtime('run');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'nameserver\n/run/deep/x\n/srv/data\n',
    });
    expect(existsSync(join(container.rootfs, 'run/stub/resolv.conf'))).toBe(true);
  });

  it('are refused where links of the image lead in a circle', async (box) => {
    const refusal = await box.refusal((config, { rootfs }) => {
      symlinkSync('b', join(rootfs, 'a'));
      symlinkSync('a', join(rootfs, 'b'));
      config.mounts.push(tmpfs('/a/x'));
    });
    expect(refusal).toMatch(/\/mounts\/7.*ELOOP/);
  });

  const refusals: readonly (readonly [what: string, mount: Mount, message: string | RegExp])[] = [
    ['the root itself', tmpfs('/'), '/mounts/7/destination'],
    [
      'a place in /proc',
      tmpfs('/proc/self'),
      '"/proc/self" cannot be mounted because it is inside /proc',
    ],
    [
      'another file system on /proc',
      tmpfs('/proc'),
      '"/proc" cannot be mounted because it is not of type proc',
    ],
    [
      'a directory of the host on /proc',
      bind('/tmp', '/proc'),
      '"/proc" cannot be mounted because it is not of type proc',
    ],
    [
      'options of a file system for a bind mount',
      bind('/tmp', '/m', 'size=1m'),
      'bind mounts cannot have any filesystem-specific options applied',
    ],
    ['a source that is missing', bind('/no/such/source', '/m'), '/no/such/source'],
    ['a file system that there is not', { ...tmpfs('/m'), type: 'frobfs' }, '/mounts/7'],
    ['an option that the file system does not know', tmpfs('/m', 'frob=1'), '/mounts/7'],
    ['a malformed option', tmpfs('/m', 'size=1q'), '/mounts/7'],
    ['tmpcopyup of a bind mount', bind('/tmp', '/m', 'tmpcopyup'), 'tmpcopyup is for mounts of'],
  ];

  it('are refused with a pointer when they cannot be made', async (box) => {
    for (const [what, mount, message] of engine.quick ? refusals : refusals.slice(0, 2)) {
      const refusal = (await box.refusal(adds(mount))).replaceAll('\\"', '"');
      expect([what, refusal]).toEqual([what, expect.stringContaining(String(message))]);
      expect(refusal).toMatch(/\/mounts\/7/);
      expect(refusal).not.toMatch(/no such file|permission denied|operation not permitted/i);
    }
  });

  it('may put single files into /proc, as lxcfs does', async (box) => {
    const output = await box.inside('cat /proc/uptime', (config, { bundle }) => {
      writeFileSync(join(bundle, 'uptime'), '1.00 2.00\n');
      config.mounts.push(bind(join(bundle, 'uptime'), '/proc/uptime'));
    });
    expect(output).toBe('1.00 2.00\n');
  });

  it('may bind the procfs and sysfs of the host', async (box) => {
    const container = box.container((config) => {
      config.process.args = [
        'sh',
        '-c',
        'echo /proc/[0-9]* | wc -w; ls /sys/fs/cgroup | head -n 1',
      ];
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
      delete config.linux.maskedPaths;
      delete config.linux.readonlyPaths;
      config.mounts = [
        bind('/proc', '/proc'),
        { destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', 'ro', 'nosuid'] },
        ...config.mounts.slice(1, 3),
      ];
    });
    const { status, stdout } = await container.runtime('run');
    expect(status).toBe(0);
    expect(Number(stdout.split('\n')[0])).toBeGreaterThan(5);
  });

  it('of cgroup show the container’s own, read-only when they say so', async (box) => {
    const container = box.container((config) => {
      config.linux.resources = { memory: { limit: 64 << 20 }, pids: { limit: 33 } };
      config.process.args = [
        'sh',
        '-c',
        'ls -1 /sys/fs/cgroup; cat /sys/fs/cgroup/pids/pids.max; mkdir /sys/fs/cgroup/pids/x 2>&1; ' +
          'cat /sys/fs/cgroup/memory/memory.limit_in_bytes',
      ];
    });
    const { status, stdout } = await container.runtime('run');
    // Other runtimes leave files and folders beside the mounts.
    const mounted = hierarchies().map(({ mountpoint }) => basename(mountpoint));
    const hosts = readdirSync('/sys/fs/cgroup', { withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink() || mounted.includes(entry.name))
      .map(({ name }) => name)
      .filter((name) => name !== 'unified');
    const lines = stdout.trimEnd().split('\n');
    expect(status).toBe(0);
    expect(lines.slice(0, -3).filter((name) => name !== 'unified')).toEqual(hosts.sort());
    expect(lines.slice(-3)).toEqual([
      '33',
      expect.stringContaining('Read-only file system'),
      '67108864',
    ]);
  });

  it('of cgroup can be written to when they may', async (box) => {
    const output = await box.inside(
      'mkdir /sys/fs/cgroup/pids/below && echo 7 >/sys/fs/cgroup/pids/below/pids.max; ' +
        'cat /sys/fs/cgroup/pids/below/pids.max; rmdir /sys/fs/cgroup/pids/below',
      (config) => {
        config.mounts[6]!.options = ['rw', 'nosuid', 'noexec', 'nodev'];
        config.linux.namespaces.push({ type: 'cgroup' });
      },
    );
    expect(output).toBe('7\n');
  });
});
