import { describe, expect, it } from 'vitest';
import { MS_SHARED, MS_SLAVE, MS_UNBINDABLE, STATX_ATTR_MOUNT_ROOT } from '../linux/constants.js';
import type { Plan, RootPlan } from '../plan/plan.js';
import { directoryNode } from '../testing/fake-tree.js';
import { stage } from '../testing/init-host.js';
import { base, planOf } from '../testing/plans.js';
import { enterMountNamespace, finishRoot, switchRoot } from './root.js';

const golden = planOf(base);

const on = (root: Partial<RootPlan>, change: Partial<Plan> = {}) => {
  const files = { '/bundle': directoryNode({ attributes: STATX_ATTR_MOUNT_ROOT }) };
  return stage({ root: { ...golden.root, ...root }, ...change }, { files });
};

const sharing = { ...golden.namespaces, mount: false };

describe('the mount namespace', () => {
  it('is private to the container, root file system and all', () => {
    const { init, trace, calls } = on({});
    const before = calls.length;
    enterMountNamespace(init);
    expect(trace().slice(before)).toEqual([
      'unshare(0x20000)',
      'openat2(<cwd> "/", DIRECTORY|PATH) = </>',
      'mount_setattr(</>, PRIVATE, recursive)',
      'openat2(<cwd> "/bundle/rootfs", DIRECTORY|NOFOLLOW|PATH) = </bundle/rootfs>',
      'open_tree(</bundle/rootfs>, recursive) = <mount of /bundle/rootfs>',
      'move_mount(<mount of /bundle/rootfs> to </bundle/rootfs>)',
    ]);
  });

  const entered = (type: number): string[] => {
    const { init, trace, calls } = on({ propagation: { type, recursive: true } });
    const before = calls.length + 2;
    enterMountNamespace(init);
    return trace().slice(before);
  };

  it('that shares mounts with the host sends it none of its own: the mount above leaves its peers', () => {
    expect(entered(MS_SHARED)).toEqual([
      'mount_setattr(</>, SHARED, recursive)',
      'openat2(<cwd> "/bundle/rootfs", DIRECTORY|PATH) = </bundle/rootfs>',
      'statx(</bundle/rootfs>)',
      'openat2(<cwd> "/bundle", DIRECTORY|PATH) = </bundle>',
      'statx(</bundle>)',
      'mount_setattr(</bundle>, PRIVATE)',
      'openat2(<cwd> "/bundle/rootfs", DIRECTORY|NOFOLLOW|PATH) = </bundle/rootfs>',
      'open_tree(</bundle/rootfs>, recursive) = <mount of /bundle/rootfs>',
      'mount_setattr(<mount of /bundle/rootfs>, PRIVATE)',
      'move_mount(<mount of /bundle/rootfs> to </bundle/rootfs>)',
    ]);
  });

  it.each([
    // A slave sends nothing, and what cannot be bound could not be mounted in the container.
    [MS_SLAVE, 'SLAVE'],
    [MS_UNBINDABLE, 'PRIVATE'],
  ])('of propagation %i makes everything %s', (type, name) => {
    const lines = entered(type);
    expect(lines[0]).toBe(`mount_setattr(</>, ${name}, recursive)`);
    expect(lines.filter((line) => line.startsWith('mount_setattr'))).toHaveLength(1);
  });

  it('that is joined is entered with a root and working directory of one’s own', () => {
    const { init, trace, calls } = on({}, { namespaces: sharing });
    const before = calls.length;
    enterMountNamespace({ ...init, mountNamespace: 9 });
    expect(trace().slice(before)).toEqual([
      'unshare(0x200)',
      'setns(9, 0x20000)',
      'openat2(<cwd> "/bundle/rootfs", DIRECTORY|NOFOLLOW|PATH) = </bundle/rootfs>',
    ]);
  });

  it('of the caller stays as it is', () => {
    const { init, trace, calls } = on({}, { namespaces: sharing });
    const before = calls.length;
    enterMountNamespace(init);
    expect(trace().slice(before)).toEqual([
      'openat2(<cwd> "/bundle/rootfs", DIRECTORY|NOFOLLOW|PATH) = </bundle/rootfs>',
    ]);
  });
});

describe('the root', () => {
  const switched = (root: Partial<RootPlan>, change: Partial<Plan> = {}) => {
    const staged = on(root, change);
    switchRoot(staged.init, staged.root);
    return staged.lines();
  };

  it('is swapped with the old one, which goes without the host noticing', () => {
    expect(switched({})).toEqual([
      'fchdir(<>)',
      'openat2(<cwd> "/", DIRECTORY|PATH) = </>',
      'pivot_root(".", ".")',
      'fchdir(</>)',
      'mount_setattr(</>, SLAVE, recursive)',
      'umount2(".", 2)',
      'chdir("/")',
    ]);
  });

  it('without pivot_root covers the old one, whose /proc and /sys are taken away', () => {
    expect(switched({ pivot: false })).toEqual([
      'fchdir(<>)',
      'umount2("/proc", 2)',
      'umount2("/sys", 2)',
      'move_mount(<> to <cwd> "/")',
      'fchdir(<>)',
      'chroot(".")',
      'chdir("/")',
    ]);
  });

  it('is only changed for the process in the mount namespace of somebody else', () => {
    expect(switched({}, { namespaces: sharing })).toEqual([
      'fchdir(<>)',
      'chroot(".")',
      'chdir("/")',
    ]);
  });

  it('gets the propagation that was asked for in the end', () => {
    const lines = switched({ propagation: { type: MS_SHARED, recursive: false } });
    expect(lines.at(-1)).toBe('mount_setattr(<>, SHARED)');
  });

  it('turns read-only when all is in place', () => {
    const { init, root, lines } = on({ readonly: true });
    finishRoot(init, root);
    expect(lines()).toEqual(['mount_setattr(<>, +RDONLY)']);
    const writable = on({ readonly: false });
    finishRoot(writable.init, writable.root);
    expect(writable.lines()).toEqual([]);
  });
});
