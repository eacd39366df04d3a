import { describe, expect, it, test } from 'vitest';
import { type ErrorData, fromData } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import { errno } from '../linux/errno.js';
import type { NativeName } from '../linux/natives.js';
import { decodeBatch, textAt, vectorAt } from '../testing/decode-batch.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { type InitRun, runFakeInit } from '../testing/init-host.js';
import { base, planOf } from '../testing/plans.js';

/** What `spec` prints, with something of everything that it leaves out. */
const plan = planOf({
  ...base,
  domainname: 'example',
  mounts: [
    ...base.mounts!,
    { destination: '/data', type: 'bind', source: '/srv', options: ['rbind', 'rro', 'rslave'] },
    { destination: '/tmp', type: 'tmpfs', options: ['ro'] },
    { destination: '/data', options: ['remount', 'nosuid'] },
  ],
  linux: {
    ...base.linux,
    sysctl: { 'net.ipv4.ip_forward': '1' },
    devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, uid: 5, gid: 6 }],
    maskedPaths: ['/etc/shadow', '/hidden', '/secret', '/nothing'],
    readonlyPaths: ['/data', '/nothing'],
  },
});

const files: FakeHostSetup['files'] = {
  '/srv/file': '',
  '/proc/sys/net/ipv4/ip_forward': '0\n',
  '/bundle/rootfs/etc/shadow': '',
  '/bundle/rootfs/hidden/file': '',
  '/bundle/rootfs/secret/file': '',
};

const run = (setup: FakeHostSetup = {}): InitRun => runFakeInit(plan, { files, ...setup });

const errorOf = ({ said }: InitRun): ErrorData | undefined =>
  (said as readonly { type: string; error: ErrorData }[]).find(({ type }) => type === 'error')
    ?.error;

const good = run();

test('all that init does for a container, in order', async () => {
  expect(good.said).toEqual([]);
  await expect(`${good.trace().join('\n')}\n`).toMatchFileSnapshot('golden/init.txt');
});

test('what is left to do is a batch that ends in the program of the container', () => {
  const last = good.calls.at(-1)!;
  expect(last.name).toBe('finish');
  const batch = last.args[1] as Uint8Array;
  const steps = decodeBatch(batch);
  expect(
    steps.slice(-8).map(({ operation, name }) => (operation === 'call' ? name : operation)),
  ).toEqual(['await', 'closeRange', 'execve', 'ask', 'openat2', 'hand', 'ask', 'fail']);
  const [path, argv, envp] = steps
    .at(-6)!
    .args.map((argument) => ('offset' in argument ? argument.offset : 0));
  expect(textAt(batch, path!)).toBe('/bin/sh');
  expect(vectorAt(batch, argv!)).toEqual(['sh']);
  expect(vectorAt(batch, envp!)).toEqual([...base.process!.env!, 'HOME=/root']);
});

test('only what the batch needs is still open', () => {
  expect(good.open()).toEqual(['channel', 'listener', 'mount of /bundle/rootfs']);
});

const place = (words: string, run = good): number => {
  const found = run.trace().findIndex((line) => line.includes(words));
  expect(found, words).toBeGreaterThanOrEqual(0);
  return found;
};

describe('order', () => {
  it.each([
    // CVE-2016-9962: nobody in the container may trace init or look at its descriptors.
    ['prctl(4, 0', 'umask(00)'],
    ['unshare(', 'mount_setattr(</>, PRIVATE, recursive)'],
    ['mount_setattr(</>, PRIVATE, recursive)', 'open_tree(</bundle/rootfs>'],
    // Devices go into the /dev that has been mounted.
    ['fsconfig(<fs tmpfs>, mode=755)', 'mknodat('],
    ['mknodat(', 'pivot_root'],
    ['pivot_root', 'umount2'],
    // What a container may not read must still be there for init.
    ['sethostname', '/etc/passwd'],
    ['ip_forward', 'mount_setattr(<mount of /bundle/rootfs>, +RDONLY)'],
    // CAP_SETPCAP goes with the user id, which the batch changes.
    ['dropBounding(', 'finish('],
  ])('%s comes before %s', (first, second) => {
    expect(place(first)).toBeLessThan(place(second));
  });
});

/** Calls that say all by themselves, so that no step is named around them. */
const tellsItself = /^(prctl|umask|finish)\(|\/sh"|\/sh>/;

/** Mounts that turn read-only last, and the root itself, are open for the whole of init. */
const openThroughout = ['channel', 'listener', 'mount of /bundle/rootfs', 'mount tmpfs'];

describe('a failure of any call', () => {
  const runs = good.calls.map(({ text }, call) => ({
    text,
    failed: run({ failing: { call, errno: errno.EIO } }),
  }));

  it('is told to the parent, with what was being done', () => {
    for (const { text, failed } of runs) {
      const error = errorOf(failed);
      expect(failed.status, text).toBe(1);
      expect(error, text).toMatchObject({ code: 'syscall', call: { errno: errno.EIO } });
      expect(failed.calls.at(-1)?.name, text).toBe('sendFds');
      if (!tellsItself.test(text)) expect([error?.at, ...error!.steps].join(''), text).not.toBe('');
    }
  });

  it('leaves nothing open that was opened for one step', () => {
    for (const { text, failed } of runs)
      expect(
        failed.open().filter((name) => !openThroughout.includes(name)),
        text,
      ).toEqual([]);
  });
});

/** What this program cannot do without, and what it says to somebody whose kernel lacks it. */
const needed: readonly (readonly [NativeName, string])[] = [
  ['openat2', '5.6'],
  ['openTree', '5.2'],
  ['moveMount', '5.2'],
  ['fsopen', '5.2'],
  ['fsconfig', '5.2'],
  ['fsmount', '5.2'],
  ['mountSetattr', '5.12'],
  ['faccessat2', '5.8'],
];

describe('a kernel without', () => {
  it.each(needed)('%s is told that it is older than %s', (name, version) => {
    const error = errorOf(run({ missing: [name] }));
    expect(renderError(fromData(error!))).toContain(`this needs Linux ${version} or newer`);
  });

  it('keyrings gets along: there are none to protect', () => {
    const without = run({ missing: ['joinSessionKeyring'] });
    expect(without.said).toEqual([]);
    const rest = good.trace().filter((line) => !line.startsWith('keyctl'));
    expect(without.trace().filter((line) => !line.startsWith('keyctl'))).toEqual(rest);
  });
});
