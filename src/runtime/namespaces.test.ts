import { describe, expect, it } from 'vitest';
import type { LinuxNamespace } from '../generated/spec-types.js';
import { Fd } from '../host/fd.js';
import { NS_GET_USERNS, NSFS_MAGIC } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { namespaceKinds } from '../linux/namespaces.js';
import { planNamespaces } from '../plan/enter.js';
import { fakeHost } from '../testing/fake-host.js';
import { makeNode } from '../testing/fake-tree.js';
import { withLinux } from '../testing/plans.js';
import { isOwnedBy, Namespaces } from './namespaces.js';

const namespace = (kind: keyof typeof namespaceKinds) =>
  makeNode({ magic: NSFS_MAGIC, namespace: namespaceKinds[kind].flag });

const files = { '/run/uts': namespace('uts'), '/run/net': namespace('network'), '/run/file': '' };

const plan = (...namespaces: LinuxNamespace[]) => planNamespaces(withLinux({ namespaces }));

describe('namespaces to join', () => {
  it('are open in the order of the configuration until they are disposed of', () => {
    const { context, open } = fakeHost({ files });
    const asked = plan({ type: 'uts', path: '/run/uts' }, { type: 'network', path: '/run/net' });
    const namespaces = new Namespaces(context, asked);
    expect(namespaces.all.map(({ kind }) => kind)).toEqual(['uts', 'network']);
    expect(namespaces.find('network')).toBe(namespaces.all[1]?.fd);
    expect(namespaces.find('user')).toBeUndefined();
    expect(open()).toEqual(['/run/uts', '/run/net']);
    namespaces[Symbol.dispose]();
    expect(open()).toEqual([]);
  });

  it.each([
    ['is of another kind', '/run/uts', 'invalid-config'],
    ['is no namespace', '/run/file', 'invalid-config'],
    ['is not there', '/run/none', 'syscall'],
  ])('are refused where one %s, and the others are closed', (_, path, code) => {
    const { context, open } = fakeHost({ files });
    const asked = plan({ type: 'uts', path: '/run/uts' }, { type: 'network', path });
    expect(() => new Namespaces(context, asked)).toThrow(
      expect.objectContaining({
        code,
        at: '/linux/namespaces/1/path',
        steps: ['open the network namespace'],
      }),
    );
    expect(open()).toEqual([]);
  });
});

describe('a namespace', () => {
  const USER = 900;

  /** Whether a namespace whose owner the kernel tells so belongs to user namespace 900. */
  function owned(answer: (open: () => number) => number): { is: boolean; left: readonly string[] } {
    const inodes = new Map<number, number>();
    const { context, machine, open } = fakeHost({
      natives: {
        ioctl: (_, request) => {
          expect(request).toBe(NS_GET_USERNS);
          return answer(() => machine.open(machine.anonymous('owner')));
        },
        statx: (fd, _path, _flags, _mask, buffer) => {
          new DataView(buffer!.buffer).setUint32(32, inodes.get(fd) ?? owner, true);
          return 0;
        },
      },
    });
    const ns = new Fd(context, machine.open(machine.anonymous('namespace')));
    const user = new Fd(context, machine.open(machine.anonymous('user')));
    inodes.set(user.number, USER);
    const is = isOwnedBy(context, ns, user);
    return { is, left: open() };
  }
  let owner = 0;

  it.each([
    [USER, true],
    [USER + 1, false],
  ])('with owner %i belongs to it: %s', (inode, expected) => {
    owner = inode;
    expect(owned((open) => open())).toEqual({ is: expected, left: ['namespace', 'user'] });
  });

  it('whose owner stays untold is somebody else’s, ioctl_nsfs(2)', () => {
    expect(owned(() => -errno.EPERM).is).toBe(false);
  });

  it('that cannot be asked for its owner is an error', () => {
    expect(() => owned(() => -errno.ENOTTY)).toThrow(
      expect.objectContaining({ call: expect.objectContaining({ errno: errno.ENOTTY }) }),
    );
  });
});
