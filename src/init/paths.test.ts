import { describe, expect, it } from 'vitest';
import type { PathsPlan } from '../plan/plan.js';
import { directoryNode } from '../testing/fake-tree.js';
import { device, stage } from '../testing/init-host.js';
import { maskPaths, protectPaths, writeSysctls } from './paths.js';

const files = {
  '/bundle/rootfs/dev/null': device(1, 3),
  '/bundle/rootfs/secret': 'key',
  '/bundle/rootfs/one/file': '',
  '/bundle/rootfs/two': directoryNode(),
  '/proc/sys/kernel/domainname': '(none)',
};

const on = (paths: Partial<PathsPlan>) =>
  stage({ paths: { masked: [], readonly: [], sysctls: [], ...paths } }, { files });

const opens = (path: string) => `openat2(<> "${path}", PATH, IN_ROOT|NO_MAGICLINKS)`;

describe('masked paths', () => {
  it('need nothing when there are none', () => {
    const { init, root, lines } = on({});
    maskPaths(init, root);
    expect(lines()).toEqual([]);
  });

  it('are the null device over a file, an empty read-only file system over a directory', () => {
    const { init, root, lines, open } = on({ masked: ['/secret', '/one', '/two', '/nothing'] });
    const before = open();
    maskPaths(init, root);
    expect(lines()).toEqual([
      `${opens('/dev/null')} = </dev/null>`,
      'statx(</dev/null>)',
      `${opens('/secret')} = </secret>`,
      'statx(</secret>)',
      'open_tree(</dev/null>) = <mount of /dev/null>',
      'move_mount(<mount of /dev/null> to </secret>)',
      `${opens('/one')} = </one>`,
      'statx(</one>)',
      'fsopen("tmpfs") = <fs tmpfs>',
      'fsconfig(<fs tmpfs>, source=tmpfs)',
      'fsconfig(<fs tmpfs>, nr_blocks=1)',
      'fsconfig(<fs tmpfs>, nr_inodes=2)',
      'fsconfig(<fs tmpfs>, create)',
      'fsmount(<fs tmpfs>, RDONLY) = <mount tmpfs>',
      'move_mount(<mount tmpfs> to </one>)',
      `${opens('/two')} = </two>`,
      'statx(</two>)',
      // The same file system serves every directory.
      'open_tree(<mount tmpfs>) = <mount of /one>',
      'move_mount(<mount of /one> to </two>)',
      `${opens('/nothing')} = ENOENT`,
    ]);
    expect(open()).toEqual(before);
  });
});

describe('read-only paths', () => {
  it('are clones of themselves, changed before they are attached', () => {
    const { init, root, lines } = on({ readonly: ['/one', '/nothing'] });
    protectPaths(init, root);
    expect(lines()).toEqual([
      `${opens('/one')} = </one>`,
      'open_tree(</one>, recursive) = <mount of /one>',
      'mount_setattr(<mount of /one>, +RDONLY)',
      'move_mount(<mount of /one> to </one>)',
      `${opens('/nothing')} = ENOENT`,
    ]);
  });
});

describe('kernel parameters', () => {
  it('are written through a procfs that nothing can have been mounted over (CVE-2025-52881)', () => {
    const at = '/linux/sysctl/kernel.domainname';
    const { init, lines } = on({ sysctls: [{ file: 'kernel/domainname', value: 'x', at }] });
    writeSysctls(init);
    const path = 'sys/kernel/domainname';
    const strict = 'BENEATH|NO_MAGICLINKS|NO_SYMLINKS|NO_XDEV';
    expect(lines()).toEqual([
      'fsopen("proc") = <fs proc>',
      'fsconfig(<fs proc>, create)',
      'fsmount(<fs proc>, 0) = <mount proc>',
      `openat2(<mount proc> "${path}", WRONLY, ${strict}) = </proc/${path}>`,
      `write(</proc/${path}>, "x")`,
    ]);
  });

  it('that do not exist are named', () => {
    const at = '/linux/sysctl/kernel.nothing';
    const { init } = on({ sysctls: [{ file: 'kernel/nothing', value: 'x', at }] });
    expect(() => writeSysctls(init)).toThrow(
      expect.objectContaining({ at, steps: ['set sysctl kernel/nothing'] }),
    );
  });
});
