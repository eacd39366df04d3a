import { describe, expect, it } from 'vitest';
import { O_PATH, S_IFBLK, S_IFCHR, S_IFIFO } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { DevicePlan, DevicesPlan } from '../plan/plan.js';
import { errorOf } from '../testing/error-of.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { directoryNode, linkNode, makeNode } from '../testing/fake-tree.js';
import { device, type Stage, stage } from '../testing/init-host.js';
import { deviceNumber, makeDevices, openNull } from './devices.js';

const node = (change: Partial<DevicePlan> = {}): DevicePlan => ({
  at: '/linux/devices/0',
  path: '/dev/x',
  mode: S_IFCHR | 0o600,
  major: 10,
  minor: 229,
  uid: 0,
  gid: 0,
  ...change,
});

function make(devices: Partial<DevicesPlan>, setup: FakeHostSetup = {}): Stage {
  const staged = stage({ devices: { nodes: [], links: [], ...devices } }, setup);
  makeDevices(staged.init, staged.root);
  return staged;
}

const failure = (devices: Partial<DevicesPlan>, setup: FakeHostSetup) =>
  errorOf(() => make(devices, setup));

const there = (what: string | ReturnType<typeof makeNode>) => ({
  files: { '/bundle/rootfs/dev/x': what },
});

/** As in a user namespace. */
const forbidden = { mknodat: () => -errno.EPERM };

const dev = 'openat2(<> "/dev", DIRECTORY|PATH, IN_ROOT|NO_MAGICLINKS) = </dev>';

describe('device numbers', () => {
  it.each([
    [1, 3, 0x103],
    [10, 229, 0xae5],
    [0xfff, 0xff, 0xfffff],
    [0, 0x100, 0x100000],
    [0xfff, 0xfffff, 0xffffffff],
  ])('are encoded as the kernel has them: %i, %i', (major, minor, number) => {
    expect(deviceNumber(major, minor)).toBe(number);
  });
});

describe('a device', () => {
  it('is made with its mode and owner', () => {
    expect(make({ nodes: [node({ uid: 5, gid: 6 })] }).lines()).toEqual([
      dev,
      'mknodat(</dev> "x", 020600, 0xae5)',
      'fchownat(</dev>, "x", 5, 6, 256)',
    ]);
  });

  it('that is a pipe has no number', () => {
    const { lines } = make({ nodes: [node({ mode: S_IFIFO | 0o644 })] });
    expect(lines().at(-1)).toBe('mknodat(</dev> "x", 010644, 0x0)');
  });

  it('that is there already stays', () => {
    expect(
      make({ nodes: [node()] }, there(device(10, 229)))
        .lines()
        .slice(1),
    ).toEqual(['mknodat(</dev> "x", 020600, 0xae5) = EEXIST', 'statx(</dev> "x")']);
  });

  it.each([
    ['a file', makeNode()],
    ['another device', device(1, 3)],
    ['a block device of the same number', makeNode({ mode: S_IFBLK, major: 10, minor: 229 })],
    ['a link to anywhere', linkNode('/dev/null')],
  ])('is refused where %s stands', (_, what) => {
    expect(failure({ nodes: [node()] }, there(what))).toMatchObject({
      code: 'invalid-config',
      at: '/linux/devices/0',
      steps: ['make device /dev/x'],
      message: 'something else stands at /dev/x already',
    });
  });

  it('that must not be made is bound from the host', () => {
    const files = { '/dev/x': device(10, 229) };
    expect(make({ nodes: [node()] }, { files, natives: forbidden }).lines()).toEqual([
      dev,
      'mknodat(</dev> "x", 020600, 0xae5) = EPERM',
      'openat2(<> "/dev/x", PATH, IN_ROOT|NO_MAGICLINKS) = ENOENT',
      dev,
      'openat2(</dev> "x", CREAT|EXCL|NOFOLLOW|WRONLY) = </dev/x>',
      'openat2(<> "/dev/x", PATH, IN_ROOT|NO_MAGICLINKS) = </dev/x>',
      'open_tree(<cwd> "/dev/x") = <mount of /dev/x>',
      'move_mount(<mount of /dev/x> to </dev/x>)',
      'statx(<mount of /dev/x>)',
    ]);
  });

  it('is not bound when the host has another one of that name', () => {
    const files = { '/dev/x': device(8, 0) };
    const error = failure({ nodes: [node()] }, { files, natives: forbidden });
    expect(error.message).toBe('something else stands at /dev/x already');
  });

  it('that is a pipe is never bound', () => {
    const error = failure({ nodes: [node({ mode: S_IFIFO })] }, { natives: forbidden });
    expect(error).toMatchObject({ code: 'syscall', call: { name: 'mknodat', errno: errno.EPERM } });
  });
});

describe('a link', () => {
  const links = [{ path: '/dev/x', target: 'y' }];

  it('is made, and one of the image stays', () => {
    expect(make({ links }).lines()).toEqual([dev, 'symlinkat("y", </dev>, "x")']);
    expect(make({ links }, there(linkNode('other'))).lines()).toEqual([
      dev,
      'symlinkat("y", </dev>, "x") = EEXIST',
    ]);
  });

  it('at /dev/ptmx is ours whatever the image has: another would lead to the terminals of the host', () => {
    const ptmx = [{ path: '/dev/ptmx', target: 'pts/ptmx' }];
    const files = { '/bundle/rootfs/dev/ptmx': device(5, 2) };
    expect(make({ links: ptmx }, { files }).lines().slice(1)).toEqual([
      'symlinkat("pts/ptmx", </dev>, "ptmx") = EEXIST',
      'unlinkat(</dev>, "ptmx", 0)',
      'symlinkat("pts/ptmx", </dev>, "ptmx")',
    ]);
  });

  it('that is optional is made only when there is something to link to', () => {
    const optional = [{ path: '/dev/core', target: '/proc/nothing', optional: true }] as const;
    expect(make({ links: optional }).lines()).toEqual(['statx(<cwd> "/proc/nothing") = ENOENT']);
  });
});

describe('the null device', () => {
  it.each([
    ['a file', makeNode()],
    ['a directory', directoryNode()],
    ['another device', device(1, 5)],
  ])('is not %s that an image puts there (CVE-2025-31133)', (_, what) => {
    const { init, root, open } = stage({}, { files: { '/bundle/rootfs/dev/null': what } });
    const before = open();
    expect(() => openNull(init, root, O_PATH)).toThrow('is not the null device');
    expect(open()).toEqual(before);
  });
});
