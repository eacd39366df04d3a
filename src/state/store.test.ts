import { describe, expect, it } from 'vitest';
import { openIfThere } from '../host/io.js';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { directoryNode } from '../testing/fake-tree.js';
import { encodeRecord } from './encoding.js';
import { peek, peekHead, peekIfThere } from './peek.js';
import type { ContainerRecord } from './record.js';
import { createStore, idsIn, openCreated, openStore, reopenStore, withdraw } from './store.js';

const ROOT = '/run/runts';

const record: ContainerRecord = {
  version: 1,
  phase: 'created',
  id: 'c1',
  ociVersion: '1.2.0',
  pid: 17,
  startTime: '4711',
  bundle: '/bundles/\udcff',
  rootfs: '/bundles/\udcff/rootfs',
  created: '2024-01-01T00:00:00.000000000Z',
  annotations: { a: 'b' },
  freezer: null,
  ownPids: true,
  namespaces: [],
  cgroup: { mode: 'none', directories: [] },
};

const host = (setup: FakeHostSetup = {}): FakeHost =>
  fakeHost({ ...setup, files: { '/run': directoryNode(), ...setup.files } });

function withContainer(setup: FakeHostSetup = {}): FakeHost {
  const fake = host(setup);
  using store = createStore(fake.context, ROOT, 'c1');
  store.write(record);
  return fake;
}

function idsOf({ context }: FakeHost): string[] {
  using root = openIfThere(context, AT_FDCWD, ROOT, O_RDONLY | O_DIRECTORY);
  return [...idsIn(context, root!.number)].sort();
}

describe('a new directory', () => {
  it('is made with the state root above it, for its owner alone', () => {
    const fake = host();
    using store = createStore(fake.context, '/run/a/b/runts', 'c1');
    expect(store.read()).toBeNull();
    const modes = ['/run/a', '/run/a/b', '/run/a/b/runts', '/run/a/b/runts/c1'].map((path) =>
      fake.machine.tree.nodes.get(path)?.mode.toString(8),
    );
    expect(modes).toEqual(['40700', '40700', '40700', '40711']);
  });

  it('says why the state root cannot be made', () => {
    const { context, open } = host({ natives: { mkdirat: () => -errno.EROFS } });
    expect(() => createStore(context, ROOT, 'c1')).toThrow(
      expect.objectContaining({
        steps: ['state root /run/runts'],
        call: expect.objectContaining({ name: 'mkdirat', errno: errno.EROFS }),
      }),
    );
    expect(open()).toEqual([]);
  });

  it('is locked before anything is written to it', () => {
    const { trace } = withContainer();
    const locked = trace().indexOf('flock(</run/runts/c1>, 6)');
    const written = trace().findIndex((line) => line.startsWith('write('));
    expect(locked).toBeGreaterThan(0);
    expect(written).toBeGreaterThan(locked);
  });

  it('is made again when somebody took it for a leftover', () => {
    let removed = false;
    const fake: FakeHost = host({
      natives: {
        flock: () => {
          if (!removed) fake.machine.tree.remove(`${ROOT}/c1`);
          removed = true;
          return 0;
        },
      },
    });
    using store = createStore(fake.context, ROOT, 'c1');
    store.write(record);
    expect(fake.machine.tree.text(`${ROOT}/c1/state.json`)).toContain('"id":"c1"');
  });

  it('belongs to whoever was faster', () => {
    const fake: FakeHost = host({
      natives: {
        flock: () => {
          fake.machine.tree.put(`${ROOT}/c1/state.json`, encodeRecord(record));
          return 0;
        },
      },
    });
    expect(() => createStore(fake.context, ROOT, 'c1')).toThrow('already exists: c1');
    expect(fake.machine.tree.text(`${ROOT}/c1/state.json`)).toBeDefined();
    expect(fake.open()).toEqual([]);
  });
});

describe('a record', () => {
  it('is read as it was written, bytes that are not UTF-8 included', () => {
    const { context } = withContainer();
    using store = openStore(context, ROOT, 'c1');
    expect(store?.readCreated()).toEqual(record);
  });

  it('says on its first line all that a status needs', () => {
    const { context, calls, open } = withContainer();
    const { id: _, ownPids, cgroup, namespaces, ...head } = record;
    using root = openIfThere(context, AT_FDCWD, ROOT, O_RDONLY | O_DIRECTORY);
    const before = calls.length;
    expect(peekHead(context, root!.number, 'c1')).toEqual(head);
    expect(calls.slice(before).map(({ name }) => name)).toEqual(['openat2', 'read']);
    expect(peekHead(context, root!.number, 'c2')).toBeNull();
    expect(open()).toEqual([ROOT]);
  });

  it('may be larger than what is read at once', () => {
    const large = { ...record, annotations: { a: 'b'.repeat(200_000) } };
    const fake = host({ files: { [`${ROOT}/c1/state.json`]: encodeRecord(large) } });
    using root = openIfThere(fake.context, AT_FDCWD, ROOT, O_RDONLY | O_DIRECTORY);
    expect(peekHead(fake.context, root!.number, 'c1')?.annotations).toEqual(large.annotations);
    expect(peek(fake.context, ROOT, 'c1')).toEqual(large);
  });

  it('replaces the one before as a whole', () => {
    const fake = withContainer();
    const before = fake.calls.length;
    using store = openStore(fake.context, ROOT, 'c1');
    store?.write({ ...record, pid: 18 });
    expect(
      fake
        .trace()
        .slice(before)
        .map((line) => line.slice(0, line.indexOf('('))),
    ).toEqual([
      ...['openat2', 'openat2', 'flock', 'statx'],
      ...['unlinkat', 'openat2', 'write', 'renameat2'],
    ]);
    expect(store?.read()?.pid).toBe(18);
  });

  it('that was withdrawn before its last step is no container’s', () => {
    const fake = host();
    using store = createStore(fake.context, ROOT, 'c1');
    const commit = store.prepare(record);
    for (let times = 0; times < 2; times++) withdraw(fake.context, store.directory);
    expect(commit).toThrow('container was deleted while it was created: c1');
    expect(fake.machine.tree.entries(`${ROOT}/c1`)).toEqual([]);
  });

  it('that cannot be written leaves the one before', () => {
    const natives = { renameat2: () => -errno.ENOSPC };
    const files = { [`${ROOT}/c1/state.json`]: encodeRecord(record) };
    const fake = host({ files, natives });
    using store = openStore(fake.context, ROOT, 'c1');
    expect(() => store?.write({ ...record, pid: 18 })).toThrow();
    expect(store?.read()?.pid).toBe(17);
    expect(fake.machine.tree.entries(`${ROOT}/c1`)).toEqual([`${ROOT}/c1/state.json`]);
  });

  it('is no container’s while it is being created', () => {
    const creating = { ...record, phase: 'creating', pid: 0 } as const;
    const files = { [`${ROOT}/c1/state.json`]: encodeRecord(creating) };
    const fake = host({ files });
    expect(peekIfThere(fake.context, ROOT, 'c1')).toBeNull();
    expect(() => peek(fake.context, ROOT, 'c1')).toThrow('container does not exist: c1');
    using store = openStore(fake.context, ROOT, 'c1');
    expect(store?.read()?.phase).toBe('creating');
    expect(store?.readCreated()).toBeNull();
  });

  it.each([
    ['{"version":2}', 'has format 2, not 1'],
    ['', 'state.json is damaged'],
    ['{"version":1', 'state.json is damaged'],
    ['{"version":1}', 'state.json is damaged'],
    ['{"version":1}\n{', 'state.json is damaged'],
    ['{"version":2}\n{', 'has format 2, not 1'],
  ])('that reads %j is refused', (text, words) => {
    const fake = host({ files: { [`${ROOT}/c1/state.json`]: text } });
    for (const read of [
      () => peek(fake.context, ROOT, 'c1'),
      () => {
        using store = openStore(fake.context, ROOT, 'c1');
        store?.read();
      },
    ])
      expect(read).toThrow(
        expect.objectContaining({ code: 'host', message: expect.stringContaining(words) }),
      );
    expect(fake.open()).toEqual([]);
  });
});

describe('the lock', () => {
  it('is waited for, after what is to be done before', () => {
    const operations: number[] = [];
    const natives = {
      flock: (_: number, operation: number) => {
        operations.push(operation);
        return operation & 4 ? -errno.EAGAIN : 0;
      },
    };
    const fake = host({ files: { [`${ROOT}/c1/state.json`]: encodeRecord(record) }, natives });
    const done: string[] = [];
    using store = openStore(fake.context, ROOT, 'c1', () => done.push('asked') > 0);
    expect(store?.read()?.pid).toBe(17);
    expect(operations).toEqual([2 | 4, 2]);
    expect(done).toEqual(['asked']);
  });

  /** Somebody holds it, and goes on holding it. */
  const held = (phase: ContainerRecord['phase']) => {
    const operations: number[] = [];
    const flock = (_: number, operation: number) => {
      operations.push(operation);
      return operation & 4 ? -errno.EAGAIN : 0;
    };
    const files = { [`${ROOT}/c1/state.json`]: encodeRecord({ ...record, phase }) };
    return { ...host({ files, natives: { flock } }), operations };
  };

  it.each([
    ['created', [2 | 4, 2]],
    ['creating', [2 | 4]],
  ] as const)('of a container that is %s is waited for or not', (phase, expected) => {
    const { context, operations, open } = held(phase);
    openCreated(context, ROOT, 'c1')?.[Symbol.dispose]();
    expect(operations).toEqual(expected);
    expect(open()).toEqual([]);
  });

  it('is taken again of the same directory, and of no other with its name', () => {
    const fake = withContainer();
    const identity = () => {
      using store = openStore(fake.context, ROOT, 'c1');
      return store!.identity;
    };
    const first = identity();
    expect(identity()).toBe(first);
    reopenStore(fake.context, ROOT, 'c1', first)![Symbol.dispose]();
    for (const path of [`${ROOT}/c1/state.json`, `${ROOT}/c1`]) fake.machine.tree.remove(path);
    expect(reopenStore(fake.context, ROOT, 'c1', first)).toBeNull();
    createStore(fake.context, ROOT, 'c1')[Symbol.dispose]();
    expect(reopenStore(fake.context, ROOT, 'c1', first)).toBeNull();
    expect(fake.open()).toEqual([]);
  });

  it('of another with its name is not waited for', () => {
    const { context, operations, open } = held('creating');
    expect(reopenStore(context, ROOT, 'c1', 'another')).toBeNull();
    expect(operations).toEqual([2 | 4]);
    expect(open()).toEqual([]);
  });

  it('of a directory that is gone meanwhile is worth nothing', () => {
    const fake: FakeHost = host({
      files: { [`${ROOT}/c1/state.json`]: '' },
      natives: {
        flock: () => {
          fake.machine.tree.remove(`${ROOT}/c1`);
          return 0;
        },
      },
    });
    expect(openStore(fake.context, ROOT, 'c1')).toBeNull();
    expect(fake.open()).toEqual([]);
  });
});

describe('removing', () => {
  it('takes every file and then the directory', () => {
    const fake = withContainer({ files: { [`${ROOT}/other/state.json`]: '' } });
    fake.machine.tree.put(`${ROOT}/c1/start.sock`, '');
    using store = openStore(fake.context, ROOT, 'c1');
    store?.remove();
    expect(idsOf(fake)).toEqual(['other']);
  });

  it('takes a directory of files as well', () => {
    const fake = withContainer({ files: { [`${ROOT}/other/state.json`]: '' } });
    fake.machine.tree.put(`${ROOT}/c1/notify/notify.sock`, '');
    {
      using store = openStore(fake.context, ROOT, 'c1');
      store?.remove();
    }
    expect(idsOf(fake)).toEqual(['other']);
    expect(fake.open()).toEqual([]);
  });

  it('minds nobody who was faster', () => {
    const fake = withContainer();
    using store = openStore(fake.context, ROOT, 'c1');
    for (const path of [`${ROOT}/c1/state.json`, `${ROOT}/c1`]) fake.machine.tree.remove(path);
    expect(() => store?.remove()).not.toThrow();
  });
});

describe('the ids', () => {
  it('are the directories but that of the cache, sorted', () => {
    const files = {
      [`${ROOT}/b/x`]: '',
      [`${ROOT}/a/x`]: '',
      [`${ROOT}/.hidden/x`]: '',
      [`${ROOT}/.cache/seccomp/x`]: '',
      [`${ROOT}/file`]: '',
    };
    expect(idsOf(host({ files }))).toEqual(['.hidden', 'a', 'b']);
  });

  it('of a missing state root belong to nobody', () => {
    const { context } = host();
    expect(peekIfThere(context, ROOT, 'c1')).toBeNull();
    expect(openStore(context, ROOT, 'c1')).toBeNull();
  });
});
