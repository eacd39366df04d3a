import { describe, expect, it, test } from 'vitest';
import type { LinuxIntelRdt } from '../generated/spec-types.js';
import { AT_REMOVEDIR, RDTGROUP_SUPER_MAGIC } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { errorOf } from '../testing/error-of.js';
import { fileNatives } from '../testing/fake-files.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { directoryNode } from '../testing/fake-tree.js';
import { withLinux, withProcess } from '../testing/plans.js';
import { type RuntimeHost, request, runtimeHost } from '../testing/runtime-host.js';
import { createContainer } from './create.js';
import { deleteContainer } from './delete.js';

const USUAL = '/sys/fs/resctrl';
const before = '    L3:0=f;1=f\n    MB:0=100;1=100\n';

/** What the kernel puts into a new group. */
const group = (path: string): FakeHostSetup['files'] & object => ({
  [path]: directoryNode({ magic: RDTGROUP_SUPER_MAGIC }),
  [`${path}/tasks`]: '',
  [`${path}/schemata`]: before,
  [`${path}/mon_groups`]: directoryNode(),
});

/** A machine with resctrl that has a group `gold`. */
function machine(rdt: LinuxIntelRdt, setup: FakeHostSetup = {}, root = USUAL): RuntimeHost {
  const natives: FakeHostSetup['natives'] = {
    mkdirat(dir, path, mode) {
      const made = fileNatives(host.machine).mkdirat!(dir, path, mode);
      if (made === 0 && path.startsWith(root))
        for (const [name, what] of Object.entries(group(path)).slice(1))
          host.machine.tree.put(name, what);
      return made;
    },
    unlinkat(dir, path, flags) {
      const { tree } = host.machine;
      if (flags === AT_REMOVEDIR && path.startsWith(root))
        for (const name of tree.below(path)) tree.remove(name);
      return fileNatives(host.machine).unlinkat!(dir, path, flags);
    },
    ...setup.natives,
  };
  const { process } = withProcess({ terminal: false });
  const host: RuntimeHost = runtimeHost(
    { ...setup, files: { ...group(root), ...group(`${root}/gold`), ...setup.files }, natives },
    { ...withLinux({ intelRdt: rdt }), process: process! },
  );
  return host;
}

const below = (host: RuntimeHost, root = USUAL): string[] =>
  host.machine.tree.snapshot().filter((line) => line.startsWith(root));

const writes = (host: RuntimeHost, root = USUAL): string[] =>
  host.trace().filter((line) => line.startsWith(`write(<${root}`));

const failure = (host: RuntimeHost) => errorOf(() => createContainer(host.runtime, request));

const everything: LinuxIntelRdt = {
  l3CacheSchema: 'L3:0=3',
  memBwSchema: 'MB:0=50',
  schemata: ['L3:1=c'],
  enableMonitoring: true,
};

describe('a container with a group of its own', () => {
  const host = machine(everything);
  const found = below(host);
  createContainer(host.runtime, request);

  it('is in it, and in a monitoring group, after its schemata have been written one by one', () => {
    expect(writes(host)).toEqual([
      `write(<${USUAL}/c1/schemata>, "L3:0=3\\n")`,
      `write(<${USUAL}/c1/schemata>, "MB:0=50\\n")`,
      `write(<${USUAL}/c1/schemata>, "L3:1=c\\n")`,
      `write(<${USUAL}/c1/tasks>, "4242\\n")`,
      `write(<${USUAL}/c1/mon_groups/c1/tasks>, "4242\\n")`,
    ]);
  });

  it('takes its groups with it', () => {
    deleteContainer(host.runtime, 'c1', { force: true });
    expect(below(host)).toEqual(found);
  });
});

describe('a container in a group that was there', () => {
  it('takes its monitoring group with it, and nothing else', () => {
    const host = machine({ closID: 'gold', enableMonitoring: true });
    const found = below(host);
    createContainer(host.runtime, request);
    expect(host.machine.tree.text(`${USUAL}/gold/mon_groups/c1/tasks`)).toBe('4242\n');
    deleteContainer(host.runtime, 'c1', { force: true });
    const usual = (line: string) => !line.startsWith(`${USUAL}/gold/tasks `);
    expect(below(host).filter(usual)).toEqual(found.filter(usual));
  });

  it('may be in the default one', () => {
    const host = machine({ closID: '/' });
    createContainer(host.runtime, request);
    expect(writes(host)).toEqual([`write(<${USUAL}/tasks>, "4242\\n")`]);
  });

  it('gives its schemata back when the container cannot be made', () => {
    const rdt: LinuxIntelRdt = { closID: 'gold', schemata: ['L3:0=1'] };
    const packets = ['{"type":"failed","step":"x","row":0,"errno":1}'];
    const host = machine(rdt, { packets });
    expect(failure(host)).toMatchObject({ code: 'syscall' });
    expect(writes(host).at(-1)).toBe(
      `write(<${USUAL}/gold/schemata>, "L3:0=f;1=f\\n    MB:0=100;1=100\\n")`,
    );
  });
});

describe('a group that is named and made', () => {
  const rdt: LinuxIntelRdt = { closID: 'silver', schemata: ['L3:0=1'] };

  it('outlives the container', () => {
    const host = machine(rdt);
    createContainer(host.runtime, request);
    deleteContainer(host.runtime, 'c1', { force: true });
    expect(host.machine.tree.text(`${USUAL}/silver/tasks`)).toBe('4242\n');
  });

  it.each([
    ['goes when the container cannot be made', '', undefined],
    ['stays when somebody else is in it by then', '77\n', '77\n'],
  ])('%s', (_, tasks, left) => {
    const host = machine(rdt, {
      natives: {
        recvFds() {
          host.machine.tree.put(`${USUAL}/silver/tasks`, tasks);
          return 0;
        },
      },
    });
    host.machine.end(4242, 9);
    expect(() => createContainer(host.runtime, request)).toThrow();
    expect(host.machine.tree.text(`${USUAL}/silver/tasks`)).toBe(left);
  });
});

describe('resctrl', () => {
  const mountinfo = [
    '21 1 0:20 / /proc rw - proc proc rw',
    '30 1 0:33 / /mnt/re\\040sctrl rw,relatime shared:3 - resctrl resctrl rw',
  ].join('\n');

  it('may be mounted anywhere', () => {
    const files = { '/proc/self/mountinfo': mountinfo };
    const host = machine({}, { files }, '/mnt/re sctrl');
    createContainer(host.runtime, request);
    expect(writes(host, '/mnt/re sctrl')).toHaveLength(1);
  });

  it('is where the caller says, whatever is there', () => {
    const host = machine({}, {}, '/fake');
    createContainer({ ...host.runtime, resctrl: '/fake' }, request);
    expect(writes(host, '/fake')).toEqual(['write(</fake/c1/tasks>, "4242\\n")']);
  });

  it('is not asked for anything unless the configuration does', () => {
    const host = runtimeHost();
    createContainer(host.runtime, request);
    expect(host.trace().filter((line) => line.includes('resctrl'))).toEqual([]);
  });

  it('is missed with the way to have it', () => {
    const files = { '/proc/self/mountinfo': '21 1 0:20 / /proc rw - proc proc rw\n' };
    const host = machine({}, { files }, '/elsewhere');
    expect(failure(host)).toMatchObject({
      code: 'host',
      message: 'resctrl is not mounted',
      at: '/linux/intelRdt',
      hint: expect.stringContaining('mount -t resctrl'),
    });
  });
});

test('what the kernel says of its last failure is told', () => {
  const refused = 'L3:0=8000\n';
  const host: RuntimeHost = machine(
    { closID: 'gold', schemata: [refused.trim()] },
    {
      files: { [`${USUAL}/info/last_cmd_status`]: 'Mask out of range\n' },
      natives: {
        write: (fd, data, length) =>
          Buffer.from(data!).toString() === refused
            ? -errno.EINVAL
            : fileNatives(host.machine).write!(fd, data, length),
      },
    },
  );
  expect(failure(host)).toMatchObject({
    call: { name: 'write', errno: errno.EINVAL },
    at: '/linux/intelRdt/schemata/0',
    hint: 'Mask out of range',
  });
});

describe('a failure of any call', () => {
  const good = machine(everything);
  const found = below(good);
  createContainer(good.runtime, request);
  const about = good.calls.flatMap(({ text }, call) => (text.includes(USUAL) ? [call] : []));

  it('leaves no group', () => {
    expect(about.length).toBeGreaterThan(10);
    for (const call of about) {
      const host = machine(everything, { failing: { call, errno: errno.EIO } });
      expect(failure(host).call?.errno, good.calls[call]!.text).toBe(errno.EIO);
      expect(below(host)).toEqual(found);
      expect(host.open()).toEqual([]);
    }
  });
});
