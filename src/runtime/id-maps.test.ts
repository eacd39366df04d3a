import { describe, expect, it, test } from 'vitest';
import type { RuntimeError } from '../errors/error.js';
import { asRuntimeError } from '../errors/error.js';
import type { IdMapping } from '../generated/spec-types.js';
import { openHostProc } from '../host/proc.js';
import { capabilityBit, capabilitySet } from '../linux/capabilities.js';
import { PROC_SUPER_MAGIC } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { Facts } from '../plan/facts.js';
import { type FakeHost, type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { type FakeEnd, fakePrograms } from '../testing/fake-programs.js';
import { directoryNode, makeNode } from '../testing/fake-tree.js';
import { facts } from '../testing/plans.js';
import { compareMaps, writeMaps } from './id-maps.js';

const PID = 50;
const USER = 1000;

const files = (maps: Readonly<Record<string, string>> = {}) => ({
  '/proc': directoryNode({ magic: PROC_SUPER_MAGIC }),
  ...Object.fromEntries(
    ['uid_map', 'gid_map', 'setgroups'].map((name) => [`/proc/${PID}/${name}`, maps[name] ?? '']),
  ),
});

const helpers = {
  '/usr/bin/newuidmap': makeNode({ mode: 0o104755 }),
  '/usr/bin/newgidmap': makeNode({ mode: 0o104755 }),
};

const hostWith = (setup: FakeHostSetup = {}): FakeHost =>
  fakeHost({ ...setup, files: { ...files(), ...setup.files } });

/** An ordinary user with some capabilities. */
const caller = (...capabilities: string[]): Facts => ({
  ...facts,
  capabilities: capabilitySet(capabilities.map(capabilityBit)),
  euid: USER,
  egid: USER,
});

const own: IdMapping[] = [{ containerID: 0, hostID: USER, size: 1 }];
const many: IdMapping[] = [...own, { containerID: 1, hostID: 100_000, size: 65_536 }];
const user = (uids: IdMapping[], gids = uids) => ({ kind: 'new' as const, uids, gids });

interface Written {
  /** File and text, in order. */
  readonly writes: readonly string[];
  readonly programs: readonly string[];
  readonly error: RuntimeError | undefined;
  readonly left: readonly string[];
}

function written(
  caller: Facts,
  uids: IdMapping[],
  gids = uids,
  setup: FakeHostSetup & { readonly ends?: Readonly<Record<string, FakeEnd>> } = {},
): Written {
  const programs = fakePrograms(setup.ends);
  const fake = hostWith({ ...setup, natives: { ...setup.natives, ...programs.natives } });
  using proc = openHostProc(fake.context);
  let error: RuntimeError | undefined;
  try {
    writeMaps(fake.context, proc, PID, user(uids, gids), caller);
  } catch (thrown) {
    error = asRuntimeError(thrown);
  }
  const writes = fake.trace().filter((line) => line.startsWith('write('));
  const left = fake.open().filter((name) => name !== '/proc');
  return { writes, programs: programs.lines, error, left };
}

const write = (name: string, text: string) =>
  `write(</proc/${PID}/${name}>, ${JSON.stringify(text)})`;
const line = `0 ${USER} 1\n`;
const manyLines = `${line}1 100000 65536\n`;
const withHelpers = { files: helpers };

describe('mappings', () => {
  it('are written by who has the capabilities, groups first', () => {
    const { writes, programs, left } = written(caller('CAP_SETUID', 'CAP_SETGID'), many, own);
    expect(writes).toEqual([write('gid_map', line), write('uid_map', manyLines)]);
    expect([programs, left]).toEqual([[], []]);
  });

  it('of the own ids alone are written by anybody, who gives up additional groups for it', () => {
    const { writes, programs } = written(caller(), own, own, withHelpers);
    expect(writes).toEqual([
      write('setgroups', 'deny'),
      write('gid_map', line),
      write('uid_map', line),
    ]);
    expect(programs).toEqual([]);
  });

  it.each<[string, IdMapping[]]>([
    ['further ids', many],
    ['another id', [{ containerID: 0, hostID: USER + 1, size: 1 }]],
    ['more than the own id', [{ containerID: 0, hostID: USER, size: 2 }]],
  ])('of %s are asked of the helpers', (_, ids) => {
    const numbers = ids.map((id) => `${id.containerID} ${id.hostID} ${id.size}`).join(' ');
    const { writes, programs, error } = written(caller(), ids, ids, withHelpers);
    expect(error).toBeUndefined();
    expect(writes).toEqual([]);
    expect(programs).toEqual([
      `/usr/bin/newgidmap: newgidmap ${PID} ${numbers}`,
      `/usr/bin/newuidmap: newuidmap ${PID} ${numbers}`,
    ]);
  });

  it('are decided upon one by one', () => {
    const groups = written(caller('CAP_SETGID'), many, many, withHelpers);
    expect(groups.writes).toEqual([write('gid_map', manyLines)]);
    expect(groups.programs).toEqual([
      `/usr/bin/newuidmap: newuidmap ${PID} 0 ${USER} 1 1 100000 65536`,
    ]);
    const users = written(caller('CAP_SETUID'), many, own, withHelpers);
    expect(users.writes).toEqual([
      write('setgroups', 'deny'),
      write('gid_map', line),
      write('uid_map', manyLines),
    ]);
  });
});

describe('a helper', () => {
  it('that is missing is named, with what has it', () => {
    const { error, writes } = written(caller(), own, many);
    expect(error).toMatchObject({
      code: 'host',
      message: 'the program newgidmap is not in $PATH',
      at: '/linux/gidMappings',
      steps: ['write gid_map'],
      hint: expect.stringMatching(/^install the package uidmap/),
    });
    expect(writes).toEqual([]);
  });

  it('that refuses is quoted, with the file that says what is allowed', () => {
    const end = { status: 1 << 8, stderr: 'newuidmap: range not allowed\n' };
    const ends = { '/usr/bin/newuidmap': end, '/usr/bin/newgidmap': end };
    const { error } = written(caller(), many, own, { ...withHelpers, ends });
    expect(error).toMatchObject({
      message: `newuidmap ${PID} 0 ${USER} 1 1 100000 65536: newuidmap: range not allowed`,
      at: '/linux/uidMappings',
      hint: expect.stringContaining('/etc/subuid'),
    });
    const { error: other } = written(caller(), own, many, { ...withHelpers, ends });
    expect(other).toMatchObject({ hint: expect.stringContaining('/etc/subgid') });
  });
});

describe('a map that the kernel refuses', () => {
  it.each([
    [errno.EINVAL, /overlap.*340/],
    [errno.EPERM, /CAP_SETUID and CAP_SETGID/],
    [errno.EIO, undefined],
  ])('with errno %i names the field and what to look at', (number, hint) => {
    const natives = { write: () => -number };
    const { error, left } = written(caller('CAP_SETUID', 'CAP_SETGID'), many, many, { natives });
    expect(error).toMatchObject({ at: '/linux/gidMappings', call: { errno: number } });
    if (hint === undefined) expect(error?.hint).toBeUndefined();
    else expect(error?.hint).toMatch(hint);
    expect(left).toEqual([]);
  });
});

describe('the mappings of a namespace that is joined', () => {
  const compared = (uids: IdMapping[], gids: IdMapping[], maps: Record<string, string>) => {
    const fake = fakeHost({ files: files(maps) });
    using proc = openHostProc(fake.context);
    try {
      compareMaps(fake.context, proc, PID, { kind: 'join', uids, gids });
      return undefined;
    } catch (thrown) {
      return asRuntimeError(thrown);
    } finally {
      expect(fake.open()).toEqual(['/proc']);
    }
  };
  /** As the kernel prints them. */
  const spaced = '         1     100000      65536\n         0       1000          1\n';
  const one = '         0       1000          1\n';

  it('may be told in another order and with other spaces', () => {
    expect(compared(many, own, { uid_map: spaced, gid_map: one })).toBeUndefined();
  });

  it('need not be told', () => {
    expect(compared([], [], { uid_map: spaced, gid_map: one })).toBeUndefined();
    expect(compared([], own, { uid_map: spaced, gid_map: one })).toBeUndefined();
  });

  it.each<[string, IdMapping[], IdMapping[], string, string]>([
    ['others', many, many, '/linux/gidMappings', '0 1000 1'],
    ['fewer', own, own, '/linux/uidMappings', '0 1000 1, 1 100000 65536'],
    [
      'a shorter range',
      [own[0]!, { ...many[1]!, size: 5 }],
      own,
      '/linux/uidMappings',
      '0 1000 1, 1 100000 65536',
    ],
  ])('are not %s', (_, uids, gids, at, has) => {
    expect(compared(uids, gids, { uid_map: spaced, gid_map: one })).toMatchObject({
      code: 'invalid-config',
      at,
      hint: `the namespace has ${has}`,
    });
  });

  it('that cannot be read are an error', () => {
    expect(compared(own, own, { uid_map: '', gid_map: '' })).toMatchObject({
      hint: 'the namespace has ',
    });
  });
});

test('every call that fails is told, and leaves nothing open', () => {
  const all = hostWith(withHelpers);
  using proc = openHostProc(all.context);
  writeMaps(all.context, proc, PID, user(own), caller());
  for (let call = 2; call < all.calls.length; call++) {
    const failing = { call, errno: errno.EIO };
    const { error, left } = written(caller(), own, own, { failing });
    expect(error, all.trace()[call]).toMatchObject({ call: { errno: errno.EIO } });
    expect(left).toEqual([]);
  }
});
