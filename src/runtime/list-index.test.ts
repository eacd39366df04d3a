import { describe, expect, it } from 'vitest';
import { errno } from '../linux/errno.js';
import { decodeRecord, encodeRecord } from '../state/encoding.js';
import type { ContainerRecord } from '../state/record.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { directoryNode, linkNode } from '../testing/fake-tree.js';
import { createdHost, type RuntimeHost } from '../testing/runtime-host.js';
import { listRows } from './list.js';
import type { RowFormat } from './rows.js';
import { readState } from './state.js';

const ROOT = '/run/runts';
const FILE = `${ROOT}/.cache/list/plain`;
const FREEZER = '/sys/fs/cgroup/freezer/c1/freezer.state';
const BOOT = '/proc/sys/kernel/random/boot_id';

const plain: RowFormat = {
  name: 'plain',
  shapesOf: (states) => states.map(({ id }) => String(id.length)),
  layoutOf: (shapes) => String(Math.max(0, ...[...shapes].map(Number))),
  rowsOf: (states, layout) =>
    states.map(({ id, pid, status, owner }) =>
      [id.padEnd(Number(layout)), pid, status, owner].join(' '),
    ),
};

const idOf = (i: number): string => `c${10 + i}`;
const pidOf = (i: number): number => 5000 + i;
const stateOf = (id: string): string => `${ROOT}/${id}/state.json`;
const statOf = (i: number): string => `/proc/${pidOf(i)}/stat`;

function putContainer(host: RuntimeHost, id: string, pid: number, change = {}): void {
  const record = decodeRecord(host.machine.tree.text(stateOf('c1'))!, 'c1');
  const text = encodeRecord({ ...record, pid, startTime: String(pid), ...change });
  host.machine.addProcess(pid, String(pid));
  host.machine.tree.put(stateOf(id), text);
}

/** c1, which waits for start, and others that run. */
function crowd(many = 20, setup: FakeHostSetup = {}, change: Partial<ContainerRecord> = {}) {
  const host = createdHost({ ...setup, files: { [BOOT]: 'this-boot\n', ...setup.files } });
  for (let i = 0; i < many; i++) putContainer(host, idOf(i), pidOf(i), change);
  return host;
}

const list = (host: RuntimeHost, format = plain): readonly string[] =>
  listRows(host.runtime, format).rows;

/** What a list prints that knows nothing. */
function listAfresh(host: RuntimeHost): readonly string[] {
  host.machine.tree.remove(FILE);
  return list(host);
}

/** Paths that a list opens, and what else it calls. */
function looksOf(host: RuntimeHost): string[] {
  const before = host.calls.length;
  list(host);
  return host.calls.slice(before).map(({ text }) => text);
}

const of = (looks: readonly string[], part: string): string[] =>
  looks.filter((text) => text.includes(part) && !text.startsWith('read('));

function edit(host: RuntimeHost, path: string, change: (text: string) => string): void {
  const node = host.machine.tree.nodes.get(path)!;
  node.bytes = Buffer.from(change(Buffer.from(node.bytes).toString()));
}

describe('rows of the last list', () => {
  it('spare a look at the directory of each container that still runs', () => {
    const host = crowd();
    const first = list(host);
    expect(first).toHaveLength(21);
    expect(first[0]).toBe('c1  4242 created root');
    expect(first[1]).toBe('c10 5000 running root');
    const looks = looksOf(host);
    expect(of(looks, 'state.json')).toHaveLength(1);
    expect(of(looks, 'c1/state.json')).toHaveLength(1);
    expect(of(looks, 'start.sock')).toHaveLength(1);
    expect(of(looks, '/stat"')).toHaveLength(21);
    expect(of(looks, 'write(')).toEqual([]);
    expect(list(host)).toEqual(first);
    expect(host.open()).toEqual([]);
  });

  it('lie where nobody else can read or write them', () => {
    const host = crowd();
    list(host);
    const { nodes } = host.machine.tree;
    expect(nodes.get(FILE)!.mode & 0o777).toBe(0o600);
    expect(nodes.get(`${ROOT}/.cache/list`)!.mode & 0o777).toBe(0o700);
    expect([...nodes.keys()].filter((path) => path.includes('/.plain'))).toEqual([]);
  });

  /** What may happen to the sixth container between two lists, and its row in the second. */
  const changes: Readonly<Record<string, [(host: RuntimeHost) => void, string | undefined]>> = {
    'has ended and is a zombie': [({ machine }) => machine.end(pidOf(5), 0), 'c15 0 stopped root'],
    'has ended': [({ machine }) => machine.forget(pidOf(5)), 'c15 0 stopped root'],
    'has left its pid to another process': [
      ({ machine }) => {
        machine.forget(pidOf(5));
        machine.addProcess(pidOf(5), '99999');
      },
      'c15 0 stopped root',
    ],
    'has been frozen by somebody': [
      (host) => {
        edit(host, statOf(5), (text) => text.replace(') S', ') D'));
        host.machine.tree.put(FREEZER, 'FROZEN\n');
      },
      'c15 5005 paused root',
    ],
    'waits for a disk': [
      (host) => edit(host, statOf(5), (text) => text.replace(') S', ') D')),
      'c15 5005 running root',
    ],
    'has worked': [
      (host) => edit(host, statOf(5), (text) => text.replace(') S 0 0', ') R 0 7')),
      'c15 5005 running root',
    ],
    'has taken the name of a process with its start time': [
      (host) => edit(host, statOf(5), (text) => text.replace('(odd) name', '(S 0 5005 0')),
      'c15 5005 running root',
    ],
    'has been deleted': [
      ({ machine }) => {
        machine.forget(pidOf(5));
        for (const path of [stateOf('c15'), `${ROOT}/c15`]) machine.tree.remove(path);
      },
      undefined,
    ],
    'has lost its directory': [
      ({ machine }) => {
        for (const path of [stateOf('c15'), `${ROOT}/c15`]) machine.tree.remove(path);
      },
      undefined,
    ],
    'has been created anew': [
      (host) => {
        host.machine.forget(pidOf(5));
        putContainer(host, 'c15', 7777);
      },
      'c15 7777 running root',
    ],
    'waits for start once more': [
      (host) => {
        host.machine.forget(pidOf(5));
        putContainer(host, 'c15', 7777);
        host.machine.tree.put(`${ROOT}/c15/start.sock`, '');
      },
      'c15 7777 created root',
    ],
  };

  it.each(Object.entries(changes))('do not deceive of one that %s', (_, [change, row]) => {
    const host = crowd();
    list(host);
    change(host);
    const second = list(host);
    expect(second.find((each) => each.startsWith('c15'))).toBe(row);
    if (row !== undefined)
      expect(readState(host.runtime, 'c15').status).toBe(row.split(/ +/).at(-2));
    const others = second.filter((each) => !each.startsWith('c15'));
    expect(others).toHaveLength(20);
    expect(second).toEqual([...second].sort());
    expect(second).toEqual(listAfresh(host));
    expect(host.open()).toEqual([]);
  });

  it('hold through any number of lists of a process that works', () => {
    const host = crowd();
    list(host);
    for (let i = 0; i < 3; i++) {
      edit(host, statOf(5), (text) => text.replace(/\) S (\d)/, ') S 1$1'));
      expect(of(looksOf(host), 'c15/state.json')).toEqual([]);
    }
  });

  it.each([
    ['v2', '/sys/fs/cgroup/c1/cgroup.freeze', '0\n', '1\n', ''],
    ['before Linux 6.1', FREEZER, 'THAWED\n', 'FROZEN\n', '6.0.9'],
  ])('ask the freezer of each where procfs does not tell: %s', (_, freezer, no, yes, release) => {
    const host = crowd(20, {}, { freezer });
    host.machine.tree.put(freezer, no);
    const uname = (buffer: Uint8Array) => {
      buffer.set(Buffer.from(release), 2 * 65);
      return 0;
    };
    if (release !== '') Object.assign(host.runtime.host.sys, { uname });
    list(host);
    expect(of(looksOf(host), freezer).length).toBeGreaterThanOrEqual(20);
    host.machine.tree.put(freezer, yes);
    const second = list(host);
    expect(second.slice(1).every((row) => row.includes(' paused '))).toBe(true);
    expect(second).toEqual(listAfresh(host));
  });

  it('stand among new ones, by id', () => {
    const host = crowd();
    list(host);
    for (const id of ['a', 'c155', 'z']) putContainer(host, id.padEnd(3, '0'), 7000 + id.length);
    const second = list(host);
    expect(second.map((row) => row.split(' ', 1)[0])).toEqual(
      ['a00', 'c1', ...Array.from({ length: 20 }, (_, i) => idOf(i)), 'c155', 'z00'].sort(),
    );
    expect(second).toEqual(listAfresh(host));
  });

  it('are made anew when the layout has changed, and then again', () => {
    const host = crowd();
    list(host);
    putContainer(host, 'c155-of-some-length', 7000);
    const wider = list(host);
    expect(wider[1]).toBe(`${'c10'.padEnd(19)} 5000 running root`);
    expect(of(looksOf(host), 'c15/state.json')).toEqual([]);
    host.machine.tree.remove(stateOf('c155-of-some-length'));
    host.machine.tree.remove(`${ROOT}/c155-of-some-length`);
    expect(list(host)[1]).toBe('c10 5000 running root');
    expect(list(host)).toEqual(listAfresh(host));
  });

  it('are written again when enough is new', () => {
    const host = crowd(200);
    const writes = () => of(looksOf(host), 'write(').length;
    const add = (from: number, to: number) => {
      for (let i = from; i < to; i++) putContainer(host, idOf(i), pidOf(i));
    };
    expect(writes()).toBe(1);
    add(200, 220);
    expect(writes()).toBe(0);
    add(220, 240);
    expect(writes()).toBe(1);
    expect(of(looksOf(host), 'state.json')).toHaveLength(1);
  });

  it('are not made of few, nor of those that do not run', () => {
    const few = crowd(14);
    expect(list(few)).toHaveLength(15);
    expect(few.machine.tree.nodes.has(FILE)).toBe(false);
    expect(of(looksOf(few), '.cache')).toEqual([]);
    const stopped = crowd();
    for (let i = 0; i < 20; i++) stopped.machine.end(pidOf(i), 0);
    expect(list(stopped)[1]).toBe('c10 0 stopped root');
    expect(stopped.machine.tree.nodes.has(FILE)).toBe(false);
  });

  const spoils: Readonly<Record<string, (host: RuntimeHost) => void>> = {
    'of another boot': ({ machine }) => machine.tree.put(BOOT, 'another\n'),
    'of another release': (host) => edit(host, FILE, (text) => text.replace(' ', ' 0')),
    'cut off': (host) => edit(host, FILE, (text) => text.slice(0, -100)),
    'cut off between two rows': (host) =>
      edit(host, FILE, (text) => text.split('\0').slice(0, -5).join('\0')),
    empty: (host) => edit(host, FILE, () => ''),
    'of another user': ({ machine }) => {
      machine.tree.nodes.get(FILE)!.uid = 1000;
    },
    'writable for others': ({ machine }) => {
      machine.tree.nodes.get(FILE)!.mode = 0o100666;
    },
    'a link': ({ machine }) => machine.tree.put(FILE, linkNode('/tmp/rows')),
    'a directory': ({ machine }) => machine.tree.put(FILE, directoryNode()),
    'with names that users no longer have': ({ machine }) =>
      machine.tree.put('/etc/passwd', 'toor:x:0:0:root:/root:/bin/sh\n'),
  };

  it.each(Object.entries(spoils))('are not used when they are %s', (_, spoil) => {
    const host = crowd();
    list(host);
    edit(host, FILE, (text) => text.replaceAll(' running ', ' invented '));
    expect(list(host)[1]).toContain('invented');
    spoil(host);
    expect(list(host)[1]).toMatch(/^c10 5000 running (root|toor)$/);
    expect(host.open()).toEqual([]);
  });

  it('are neither kept nor used without the name of the boot', () => {
    const host = crowd();
    host.machine.tree.remove(BOOT);
    const first = list(host);
    expect(first).toHaveLength(21);
    expect(host.machine.tree.nodes.has(FILE)).toBe(false);
    expect(list(host)).toEqual(first);
  });

  it('are not kept where that cannot be done, which is no failure', () => {
    const folders: readonly ((host: RuntimeHost) => void)[] = [
      ({ machine }) => machine.tree.put(`${ROOT}/.cache`, 'a file'),
      ({ machine }) => machine.tree.put(`${ROOT}/.cache`, linkNode('/tmp')),
      ({ machine }) => machine.tree.put(`${ROOT}/.cache`, directoryNode({ uid: 1000 })),
      ({ machine }) => machine.tree.put(`${ROOT}/.cache/list`, directoryNode()),
    ];
    for (const change of folders) {
      const host = crowd();
      change(host);
      expect(list(host)).toHaveLength(21);
      expect(host.machine.tree.nodes.has(FILE)).toBe(false);
      expect(host.open()).toEqual([]);
    }
  });

  it('never fail a list by a call that fails', () => {
    for (const prepared of [false, true]) {
      const good = crowd();
      if (prepared) list(good);
      const before = good.calls.length;
      const rows = list(good);
      const after = good.calls.length;
      for (let call = before; call < after; call++) {
        const { text } = good.calls[call]!;
        if (!/\.cache|boot_id|plain|flock|renameat2|write\(/.test(text)) continue;
        const host = crowd(20, { failing: { call, errno: errno.EROFS } });
        if (prepared) list(host);
        expect(list(host), text).toEqual(rows);
        expect(host.open(), text).toEqual([]);
        expect(list(host), text).toEqual(rows);
      }
    }
  });
});
