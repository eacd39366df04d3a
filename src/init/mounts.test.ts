import { describe, expect, it, test } from 'vitest';
import type { Mount } from '../generated/spec-types.js';
import { CGROUP2_SUPER_MAGIC, PROC_SUPER_MAGIC, STATX_MNT_ID } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { planMount } from '../plan/mounts.js';
import { errorOf } from '../testing/error-of.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { directoryNode, linkNode } from '../testing/fake-tree.js';
import { stage } from '../testing/init-host.js';
import { planOf, withLinux, withMounts } from '../testing/plans.js';
import type { HandedMounts } from './context.js';
import { finishMounts, mountAll } from './mounts.js';

const IN_ROOT = 'IN_ROOT|NO_MAGICLINKS';
const ROOT = '<mount of root>';

/** The calls of one mount. */
function traceOf(
  mount: Mount,
  setup: FakeHostSetup = {},
  handed: Partial<HandedMounts> = {},
): string[] {
  const { init, root, lines } = stage({ mounts: [planMount(mount, 0, '/bundle')] }, setup, handed);
  finishMounts(init, mountAll(init, root));
  return lines().map((line) => line.replaceAll('<>', ROOT));
}

const failure = (...args: Parameters<typeof traceOf>) => errorOf(() => traceOf(...args));

const opens = (path: string, flags = 'DIRECTORY|PATH') =>
  `openat2(${ROOT} "${path}", ${flags}, ${IN_ROOT})`;

describe('a new file system', () => {
  it('is configured word by word, and attached to a descriptor', () => {
    const options = ['noatime', 'nosuid', 'size=1m', 'noswap'];
    expect(traceOf({ destination: '/sys', type: 'ext4', source: '/dev/sda', options })).toEqual([
      `${opens('/sys')} = </sys>`,
      'fstatfs(</sys>)',
      'fsopen("ext4") = <fs ext4>',
      'fsconfig(<fs ext4>, source=/dev/sda)',
      'fsconfig(<fs ext4>, size=1m)',
      'fsconfig(<fs ext4>, noswap)',
      'fsconfig(<fs ext4>, create)',
      'fsmount(<fs ext4>, NOATIME|NOSUID) = <mount ext4>',
      'move_mount(<mount ext4> to </sys>)',
    ]);
  });

  it('of type tmpfs has the mode of what it covers, and turns read-only last', () => {
    const files = { '/bundle/rootfs/tmp': directoryNode({ mode: 0o041777 }) };
    expect(traceOf({ destination: '/tmp', type: 'tmpfs', options: ['ro'] }, { files })).toEqual([
      `${opens('/tmp')} = </tmp>`,
      'fstatfs(</tmp>)',
      'statx(</tmp>)',
      'fsopen("tmpfs") = <fs tmpfs>',
      'fsconfig(<fs tmpfs>, source=tmpfs)',
      'fsconfig(<fs tmpfs>, mode=1777)',
      'fsconfig(<fs tmpfs>, create)',
      'fsmount(<fs tmpfs>, 0) = <mount tmpfs>',
      'move_mount(<mount tmpfs> to </tmp>)',
      'mount_setattr(<mount tmpfs>, +RDONLY)',
    ]);
  });

  it.each([
    ['sysfs', '/sys'],
    ['mqueue', '/dev/mqueue'],
  ])('of type %s may be refused in a user namespace: then the host’s is bound', (type, place) => {
    const natives = { fsopen: () => -errno.EPERM };
    const files = { [`${place}/x`]: '' };
    const lines = traceOf(
      { destination: '/sys', type, options: ['ro', 'nosuid'] },
      { natives, files },
    );
    expect(lines.slice(lines.indexOf('fstatfs(</sys>)') + 1)).toEqual([
      `fsopen("${type}") = EPERM`,
      `open_tree(<cwd> "${place}", recursive) = <mount of ${place}>`,
      `mount_setattr(<mount of ${place}>, +NOSUID|RDONLY, recursive)`,
      `move_mount(<mount of ${place}> to </sys>)`,
    ]);
    const other = { natives: { fsopen: () => -errno.ENODEV } };
    expect(failure({ destination: '/sys', type }, other).call?.name).toBe('fsopen');
    expect(failure({ destination: '/sys', type: 'ext4' }, { natives }).call?.name).toBe('fsopen');
  });

  it('has its place made, with all that is missing above', () => {
    const made = traceOf({ destination: '/a/b/c', type: 'ext4' }).filter((line) =>
      line.startsWith('mkdirat'),
    );
    expect(made).toEqual([
      `mkdirat(${ROOT} "a", 0755)`,
      'mkdirat(</a> "b", 0755)',
      'mkdirat(</a/b> "c", 0755)',
    ]);
  });
});

describe('a bind mount', () => {
  const files = { '/srv/dir/file': '', '/srv/file': '' };

  it('of a directory is a clone of its mount, changed before it can be seen', () => {
    const options = ['bind', 'ro', 'nosuid', 'dev'];
    expect(traceOf({ destination: '/sys', source: '/srv/dir', options }, { files })).toEqual([
      'open_tree(<cwd> "/srv/dir") = <mount of /srv/dir>',
      'statx(<mount of /srv/dir>)',
      `${opens('/sys')} = </sys>`,
      'fstatfs(</sys>)',
      'mount_setattr(<mount of /srv/dir>, +NOSUID|RDONLY -NODEV)',
      'move_mount(<mount of /srv/dir> to </sys>)',
    ]);
  });

  it('of a file has an empty file made below it', () => {
    expect(
      traceOf({ destination: '/etc/x', type: 'bind', source: '/srv/file' }, { files }),
    ).toEqual([
      'open_tree(<cwd> "/srv/file") = <mount of /srv/file>',
      'statx(<mount of /srv/file>)',
      `${opens('/etc/x', 'PATH')} = ENOENT`,
      `${opens('/etc')} = </etc>`,
      'openat2(</etc> "x", CREAT|EXCL|NOFOLLOW|WRONLY) = </etc/x>',
      `${opens('/etc/x', 'PATH')} = </etc/x>`,
      'fstatfs(</etc/x>)',
      'move_mount(<mount of /srv/file> to </etc/x>)',
    ]);
  });

  it('with all below takes that along, and changes all of it', () => {
    const options = ['rbind', 'rro', 'rnoatime', 'rslave', 'private'];
    const lines = traceOf({ destination: '/sys', source: '/srv/dir', options }, { files });
    expect(lines[0]).toBe('open_tree(<cwd> "/srv/dir", recursive) = <mount of /srv/dir>');
    expect(lines.slice(-3)).toEqual([
      'mount_setattr(<mount of /srv/dir>, +NOATIME|RDONLY -NOATIME|STRICTATIME|_ATIME, recursive)',
      'mount_setattr(<mount of /srv/dir>, SLAVE, recursive)',
      'mount_setattr(<mount of /srv/dir>, PRIVATE)',
    ]);
  });

  it('at /proc is refused unless it is a procfs', () => {
    const error = failure({ destination: '/proc', type: 'bind', source: '/srv/dir' }, { files });
    expect(error).toMatchObject({ code: 'invalid-config', at: '/mounts/0' });
    expect(error.message).toBe('"/proc" cannot be mounted because it is not of type proc');
    const proc = { '/srv/proc': directoryNode({ magic: PROC_SUPER_MAGIC }) };
    const lines = traceOf(
      { destination: '/proc', type: 'bind', source: '/srv/proc' },
      { files: proc },
    );
    expect(lines.at(-1)).toBe('move_mount(<mount of /srv/proc> to </proc>)');
  });
});

describe('what the parent has opened', () => {
  const ids = [{ containerID: 0, hostID: 1, size: 2 }];
  const mapped = { uidMappings: ids, gidMappings: ids };

  it('is used in the place of the source', () => {
    const { init, root, machine, lines, open } = stage({
      mounts: [planMount({ destination: '/sys', type: 'bind', source: '/none' }, 0, '/bundle')],
    });
    const tree = machine.open(machine.anonymous('handed tree', { node: directoryNode() }));
    const { length } = lines();
    mountAll({ ...init, mounts: { trees: { 0: tree }, userNamespaces: {} } }, root);
    expect(lines().slice(length)).toEqual([
      'statx(<handed tree>)',
      `${opens('/sys').replace(ROOT, '<>')} = </sys>`,
      'fstatfs(</sys>)',
      'move_mount(<handed tree> to </sys>)',
    ]);
    expect(open()).toEqual(['/bundle/rootfs']);
  });

  it('gives a mount its ids before it is attached, and is closed after the last one', () => {
    const files = { '/srv/dir/file': '' };
    const bind = { destination: '/sys', type: 'bind', source: '/srv/dir', ...mapped };
    const closed: number[] = [];
    const natives = { close: (fd: number) => closed.push(fd) - closed.length };
    const lines = traceOf(bind, { files, natives }, { userNamespaces: { 0: 77 } });
    expect(lines).toEqual([
      'open_tree(<cwd> "/srv/dir") = <mount of /srv/dir>',
      'mount_setattr(<mount of /srv/dir>, +IDMAP)',
      'statx(<mount of /srv/dir>)',
      `${opens('/sys')} = </sys>`,
      'fstatfs(</sys>)',
      'move_mount(<mount of /srv/dir> to </sys>)',
    ]);
    expect(closed.filter((fd) => fd === 77)).toEqual([77]);
    const tmpfs = { destination: '/sys', type: 'tmpfs', options: ['ridmap'], ...mapped };
    expect(traceOf(tmpfs, {}, { userNamespaces: { 0: 77 } }).slice(-2)).toEqual([
      'mount_setattr(<mount tmpfs>, +IDMAP, recursive)',
      'move_mount(<mount tmpfs> to </sys>)',
    ]);
  });

  it.each([
    [errno.EINVAL, 'a file system of type tmpfs at /sys cannot be ID-mapped'],
    [errno.EPERM, 'a file system of type tmpfs at /sys cannot be ID-mapped by this process'],
  ])('cannot give ids to every file system (%i)', (number, message) => {
    const tmpfs = { destination: '/sys', type: 'tmpfs', options: ['idmap'], ...mapped };
    const natives = { mountSetattr: () => -number };
    const failing = () => traceOf(tmpfs, { natives }, { userNamespaces: { 0: 77 } });
    expect(failing).toThrow(expect.objectContaining({ code: 'not-supported', message }));
  });

  it('names the type of a bound file system if that can be found out', () => {
    const files = {
      '/srv/dir/file': '',
      '/proc/self/mountinfo':
        '3 1 0:4 / /x rw - ext4 /dev/x rw\n5 1 0:4 / /y rw shared:1 - fuse.z z rw\n',
    };
    const failing = (id: number) => {
      const natives = {
        mountSetattr: () => -errno.EINVAL,
        statx: (
          _: unknown,
          __: unknown,
          ___: unknown,
          mask: number | bigint,
          out: Uint8Array | null,
        ) => {
          if (mask === STATX_MNT_ID) new DataView(out!.buffer).setUint32(0x90, id, true);
          return 0;
        },
      };
      const bind = { destination: '/sys', type: 'bind', source: '/srv/dir', ...mapped };
      return failure(bind, { files, natives }, { userNamespaces: { 0: 77 } }).message;
    };
    expect(failing(5)).toContain('of type fuse.z at /sys');
    expect(failing(3)).toContain('of type ext4 at /sys');
    expect(failing(9)).toContain('of unknown type at /sys');
  });
});

describe('links', () => {
  const files = { '/srv/dir/file': '', '/srv/link': linkNode('dir') };
  const bind = (...options: string[]): Mount => ({
    destination: '/etc/x',
    type: 'bind',
    source: '/srv/link',
    options,
  });

  it('at the source are made anew with copy-symlink', () => {
    expect(traceOf(bind('copy-symlink'), { files })).toEqual([
      'open_tree(<cwd> "/srv/link") = <mount of /srv/link>',
      'statx(<mount of /srv/link>)',
      'readlinkat(<mount of /srv/link>)',
      `${opens('/etc')} = </etc>`,
      'symlinkat("dir", </etc>, "x")',
    ]);
  });

  it('that are there may only be the same with copy-symlink', () => {
    const at = (node: string | ReturnType<typeof linkNode>) => ({
      files: { ...files, '/bundle/rootfs/etc/x': node },
    });
    expect(traceOf(bind('copy-symlink'), at(linkNode('dir'))).at(-1)).toBe(
      'readlinkat(</etc> "x")',
    );
    for (const other of [linkNode('elsewhere'), 'a file'])
      expect(failure(bind('copy-symlink'), at(other)).message).toBe(
        'something else stands at /etc/x already',
      );
  });

  it('at the destination are not followed with dest-nofollow', () => {
    const there = { ...files, '/srv/file': '', '/bundle/rootfs/etc/x': linkNode('/tmp') };
    const mount = { ...bind('dest-nofollow'), source: '/srv/file' };
    expect(traceOf(mount, { files: there }).slice(-3)).toEqual([
      `${opens('/etc/x', 'NOFOLLOW|PATH')} = </etc/x>`,
      'fstatfs(</etc/x>)',
      'move_mount(<mount of /srv/file> to </etc/x>)',
    ]);
  });
});

test('a remount changes the attributes of what is there', () => {
  expect(traceOf({ destination: '/sys', options: ['remount', 'ro', 'exec'] })).toEqual([
    `${opens('/sys', 'PATH')} = </sys>`,
    'mount_setattr(</sys>, +RDONLY -NOEXEC)',
  ]);
});

test('a remount with options of a file system gives it those as well', () => {
  const options = ['remount', 'nosuid', 'size=1m', 'noswap'];
  expect(traceOf({ destination: '/sys', type: 'tmpfs', options })).toEqual([
    `${opens('/sys', 'PATH')} = </sys>`,
    'mount_setattr(</sys>, +NOSUID)',
    'fspick(</sys>) = <fs of /sys>',
    'fsconfig(<fs of /sys>, size=1m)',
    'fsconfig(<fs of /sys>, noswap)',
    'fsconfig(<fs of /sys>, reconfigure)',
  ]);
});

describe('an image with links in the place of directories', () => {
  it.each([
    ['/proc', 'proc'],
    ['/sys', 'sysfs'],
  ])('cannot move %s elsewhere (CVE-2019-19921)', (destination, type) => {
    const files = { [`/bundle/rootfs${destination}`]: linkNode('/tmp') };
    const error = failure({ destination, type }, { files });
    expect(error.message).toBe(`filesystem "${type}" must be mounted on ordinary directory`);
  });

  it.each(['tmpfs', 'cgroup'])('cannot have a %s mounted in /proc (CVE-2019-16884)', (type) => {
    // As if /data were a link that has been followed.
    const files = { '/bundle/rootfs/data': directoryNode({ magic: PROC_SUPER_MAGIC }) };
    const error = failure({ destination: '/data', type }, { files });
    expect(error).toMatchObject({
      message: '"/data" cannot be mounted because it is inside /proc',
      hint: 'the path leads through a symbolic link of the image',
    });
  });
});

describe('cgroups', () => {
  const cgroup: Mount = { destination: '/sys', type: 'cgroup', options: ['ro', 'nosuid'] };

  function view(namespaced: boolean): string[] {
    const types = ['mount', ...(namespaced ? ['cgroup'] : [])] as ('mount' | 'cgroup')[];
    const spec = withLinux({ namespaces: types.map((type) => ({ type })) });
    const { cgroups } = planOf(spec);
    const mounts = [planMount(cgroup, 0, '/bundle')];
    const few = { ...cgroups, hierarchies: cgroups.hierarchies.slice(-2) };
    const { init, root, lines } = stage({ mounts, cgroups: few });
    mountAll(init, root);
    return lines().slice(2);
  }

  const tmpfs = [
    'fsopen("tmpfs") = <fs tmpfs>',
    'fsconfig(<fs tmpfs>, source=cgroup)',
    'fsconfig(<fs tmpfs>, mode=755)',
    'fsconfig(<fs tmpfs>, create)',
    'fsmount(<fs tmpfs>, NOSUID) = <mount tmpfs>',
    'move_mount(<mount tmpfs> to </sys>)',
  ];

  it('v1 shows the directory of the container under the name of each hierarchy', () => {
    const bound = (name: string) => [
      `mkdirat(<mount tmpfs> "${name}", 0755)`,
      `openat2(<mount tmpfs> "${name}", DIRECTORY|PATH) = </sys/${name}>`,
      `open_tree(<cwd> "/sys/fs/cgroup/${name}/c1") = <mount of /sys/fs/cgroup/${name}/c1>`,
      `mount_setattr(<mount of /sys/fs/cgroup/${name}/c1>, +NODEV|NOEXEC|NOSUID|RDONLY)`,
      `move_mount(<mount of /sys/fs/cgroup/${name}/c1> to </sys/${name}>)`,
    ];
    expect(view(false)).toEqual([
      ...tmpfs,
      ...bound('cpuset'),
      ...bound('cpu,cpuacct'),
      'symlinkat("cpu,cpuacct", <mount tmpfs>, "cpu")',
      'symlinkat("cpu,cpuacct", <mount tmpfs>, "cpuacct")',
      'mount_setattr(<mount tmpfs>, +RDONLY)',
    ]);
  });

  it('v1 in a namespace of its own has new mounts, whose root is the cgroup', () => {
    expect(view(true).slice(tmpfs.length, tmpfs.length + 7)).toEqual([
      'mkdirat(<mount tmpfs> "cpuset", 0755)',
      'openat2(<mount tmpfs> "cpuset", DIRECTORY|PATH) = </sys/cpuset>',
      'fsopen("cgroup") = <fs cgroup>',
      'fsconfig(<fs cgroup>, cpuset)',
      'fsconfig(<fs cgroup>, create)',
      'fsmount(<fs cgroup>, NODEV|NOEXEC|NOSUID|RDONLY) = <mount cgroup>',
      'move_mount(<mount cgroup> to </sys/cpuset>)',
    ]);
  });

  const v2 = (namespaced: boolean) => {
    const unified = '/sys/fs/cgroup/c1';
    const cgroups = { namespaced, hierarchies: [], unified };
    const files = { [unified]: directoryNode({ magic: CGROUP2_SUPER_MAGIC }) };
    const mounts = [planMount(cgroup, 0, '/bundle')];
    const { init, root, lines } = stage({ mounts, cgroups }, { files });
    mountAll(init, root);
    return lines().slice(2);
  };

  it.each([errno.EPERM, errno.EBUSY])('are bound where a new mount is refused (%i)', (number) => {
    const natives = { fsmount: () => -number };
    const unified = '/sys/fs/cgroup/c1';
    const cgroups = { namespaced: true, hierarchies: [], unified };
    const files = { [unified]: directoryNode({ magic: CGROUP2_SUPER_MAGIC }) };
    const mounts = [planMount(cgroup, 0, '/bundle')];
    const { init, root, lines } = stage({ mounts, cgroups }, { files, natives });
    mountAll(init, root);
    expect(lines().slice(-3)).toEqual([
      'open_tree(<cwd> "/sys/fs/cgroup/c1") = <mount of /sys/fs/cgroup/c1>',
      'mount_setattr(<mount of /sys/fs/cgroup/c1>, +NOSUID|RDONLY)',
      'move_mount(<mount of /sys/fs/cgroup/c1> to </sys>)',
    ]);
  });

  it('v2 is one mount: new in a namespace, else the directory of the container', () => {
    expect(v2(true)).toEqual([
      'fsopen("cgroup2") = <fs cgroup2>',
      'fsconfig(<fs cgroup2>, create)',
      'fsmount(<fs cgroup2>, NOSUID|RDONLY) = <mount cgroup2>',
      'move_mount(<mount cgroup2> to </sys>)',
    ]);
    expect(v2(false)).toEqual([
      'open_tree(<cwd> "/sys/fs/cgroup/c1") = <mount of /sys/fs/cgroup/c1>',
      'mount_setattr(<mount of /sys/fs/cgroup/c1>, +NOSUID|RDONLY)',
      'move_mount(<mount of /sys/fs/cgroup/c1> to </sys>)',
    ]);
  });
});

test('a mount that fails names its place in the configuration', () => {
  const plan = planOf(withMounts({ destination: '/a', type: 'bind', source: '/nothing' }));
  const { init, root } = stage({ mounts: plan.mounts });
  expect(() => mountAll(init, root)).toThrow(
    expect.objectContaining({
      at: '/mounts/0',
      steps: ['mount /a'],
      call: { name: 'open_tree', args: ['AT_FDCWD', '"/nothing"', '0x81001'], errno: 2 },
    }),
  );
});
