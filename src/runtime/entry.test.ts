import { describe, expect, it, test } from 'vitest';
import type { LinuxNamespace, Spec } from '../generated/spec-types.js';
import { Fd } from '../host/fd.js';
import { call } from '../linux/batch.js';
import type { NamespaceKind } from '../linux/namespaces.js';
import { planNamespaces } from '../plan/enter.js';
import { fakeHost } from '../testing/fake-host.js';
import { withLinux } from '../testing/plans.js';
import { showSteps } from '../testing/show-steps.js';
import { asksToBeSetUp, entrySteps, type Target } from './entry.js';

const { context } = fakeHost();
const fd = (number: number) => new Fd(context, number);

const made = (...types: NamespaceKind[]): LinuxNamespace[] => types.map((type) => ({ type }));
const joined = (...types: NamespaceKind[]): LinuxNamespace[] =>
  types.map((type) => ({ type, path: `/run/${type}` }));

const uidMappings = [{ containerID: 0, hostID: 7, size: 9 }];

interface Circumstances {
  readonly linux?: Spec['linux'];
  /** Which of the joined ones belong to the user namespace that is joined. */
  readonly owned?: readonly NamespaceKind[];
  readonly tasks?: readonly number[];
  readonly moved?: boolean;
}

/** The steps for these namespaces; those that are joined are descriptors 20, 21 … */
function stepsFor(namespaces: LinuxNamespace[], circumstances: Circumstances = {}): string[] {
  const { linux, owned = [], tasks = [], moved = false } = circumstances;
  const plan = planNamespaces(withLinux({ ...linux, namespaces }));
  const opened = plan.joins.map(({ kind }, i) => ({ kind, fd: fd(20 + i) }));
  const steps = entrySteps({
    plan,
    entrances: { unified: null, tasks: tasks.map(fd), [Symbol.dispose]: () => {} },
    namespaces: opened,
    owned: opened.filter(({ kind }) => owned.includes(kind)),
    parentEnd: fd(8),
    lock: 6,
    moved,
    first: [call('with the rights of the caller', 'getpid')],
    target: null,
  });
  return showSteps(steps).map((line) => line.replace(/<(ff)+>/, '<all>'));
}

const die = 'prctl(1, 9, 0, 0, 0) # die with the parent';
const arrival = [
  die,
  'close(6) or go on # leave the lock',
  'close(8) or go on # leave the parent’s end',
  'getpid() # with the rights of the caller',
];
const cpus = 'sched_setaffinity(0, 0x400, <all>) or go on # use all CPUs';
const session = 'setsid() # start a session';
const entered = 'ask {"type":"entered"}';
const born = 'ask {"type":"born"}';
const hidden = 'prctl(4, 0, 0, 0, 0) # be not dumpable';
const root = [
  'setresgid(0, 0, 0) # become group 0 of the user namespace',
  'setresuid(0, 0, 0) # become user 0 of the user namespace',
  // prctl(2): neither survives that.
  die,
  hidden,
];
const flag = { ipc: 0x08000000, network: 0x40000000, uts: 0x04000000, user: 0x10000000 };
const join = (kind: keyof typeof flag | 'pid', number: number) =>
  `setns(${number}, 0x${{ ...flag, pid: 0x20000000 }[kind].toString(16)}) # join the ${kind} namespace`;

/** Between arrival and session. */
function middle(namespaces: LinuxNamespace[], circumstances: Circumstances = {}): string[] {
  const lines = stepsFor(namespaces, circumstances);
  expect(lines.slice(0, arrival.length + 1)).toEqual([...arrival, cpus]);
  expect(lines.at(-1)).toBe(session);
  return lines.slice(arrival.length + 1, -1);
}

test('whoever is to be moved waits for that with the rights of the caller', () => {
  expect(stepsFor(made('pid'), { moved: true })).toEqual([
    ...arrival,
    'ask {"type":"arrived"}',
    cpus,
    session,
  ]);
});

test('without a user namespace nobody else is asked, and no other process is made', () => {
  expect(stepsFor([...made('pid', 'uts', 'mount'), ...joined('network')])).toEqual([
    ...arrival,
    cpus,
    join('network', 20),
    session,
  ]);
});

test('cgroups of v1 are joined first, and a cgroup namespace is made in them', () => {
  const lines = stepsFor(made('cgroup'), { tasks: [11, 12] });
  expect(lines).toEqual([
    ...arrival,
    'write(11, <30>, 1) # join cgroup',
    'write(12, <30>, 1) # join cgroup',
    cpus,
    session,
    'unshare(0x2000000) # make the cgroup namespace',
  ]);
});

test('a mount namespace is not joined here: Node has yet to be loaded', () => {
  expect(middle(joined('mount', 'uts'))).toEqual([join('uts', 21)]);
  expect(middle(joined('user', 'mount'), { owned: ['mount'] }).join()).not.toContain('20000)');
});

const stage = (unshare: number) =>
  `unshare(0x${unshare.toString(16)}) # make the user and time namespaces`;
const clone = (flags: number) => `clone ${flags} # make the namespaces`;

describe('a new user namespace', () => {
  it('is mapped by the parent before anything is made in it', () => {
    expect(middle(made('user', 'ipc', 'mount'), { linux: { uidMappings } })).toEqual([
      stage(flag.user),
      entered,
      ...root,
      clone(flag.ipc),
      die,
      born,
    ]);
  });

  it('has what is joined entered before, with the rights of the caller', () => {
    expect(middle([...joined('network'), ...made('user')]).slice(0, 2)).toEqual([
      join('network', 20),
      stage(flag.user),
    ]);
  });

  it('is made together with a time namespace, which it then owns', () => {
    expect(middle(made('user', 'time'))[0]).toBe(stage(flag.user + 0x80));
  });
});

describe('a user namespace that is joined', () => {
  const others = joined('network', 'user', 'ipc', 'pid');

  it('is entered after what it does not own, and before what it does', () => {
    expect(middle([...others, ...made('uts')], { owned: ['ipc'] })).toEqual([
      join('network', 20),
      join('pid', 23),
      hidden,
      join('user', 21),
      ...root,
      join('ipc', 22),
      clone(flag.uts),
      die,
      born,
    ]);
  });

  it.each<[string, NamespaceKind[], number[]]>([
    ['nothing', [], [20, 22, 23, 21]],
    ['everything', ['network', 'ipc', 'pid'], [21, 20, 22, 23]],
  ])('that owns %s has the others joined in an order of their own', (_, owned, order) => {
    const joins = middle(others, { owned }).filter((line) => line.startsWith('setns'));
    expect(joins.map((line) => Number(/\d+/.exec(line)))).toEqual(order);
  });

  it('is not dumpable once what lives there could trace it', () => {
    const lines = middle(others);
    expect(lines.indexOf(hidden)).toBe(lines.indexOf(join('user', 21)) - 1);
  });

  it.each([{ uidMappings }, { gidMappings: uidMappings }])(
    'has its mappings compared before the process is born: %o',
    (linux) => {
      expect(middle(joined('user'), { linux }).slice(-4)).toEqual([entered, clone(0), die, born]);
      expect(middle(joined('user'))).not.toContain(entered);
    },
  );
});

describe('a time namespace', () => {
  it('is made by a stage; the parent is asked only where there are offsets', () => {
    expect(middle(made('time', 'uts'))).toEqual([stage(0x80), hidden, clone(flag.uts), die, born]);
    const timeOffsets = { boottime: { secs: 5 } };
    expect(middle(made('time'), { linux: { timeOffsets } })).toEqual([
      stage(0x80),
      entered,
      hidden,
      clone(0),
      die,
      born,
    ]);
  });

  it('that is new may be in a user namespace that is joined', () => {
    expect(middle([...joined('user'), ...made('time')])).toEqual([
      hidden,
      join('user', 20),
      ...root,
      stage(0x80),
      clone(0),
      die,
      born,
    ]);
  });
});

test('a pid namespace is joined by a stage, for only its children are in it', () => {
  expect(middle([...joined('pid'), ...made('ipc')])).toEqual([
    join('pid', 20),
    hidden,
    clone(flag.ipc),
    die,
    born,
  ]);
});

test.each<[string, boolean, LinuxNamespace[], Spec['linux']]>([
  ['a new user namespace', true, made('user'), { uidMappings }],
  ['a user namespace that is joined', false, joined('user'), {}],
  ['one that is joined, with mappings to compare', true, joined('user'), { uidMappings }],
  ['offsets of clocks', true, made('time'), { timeOffsets: { monotonic: { secs: 1 } } }],
  ['a time namespace without offsets', false, made('time'), {}],
  ['a pid namespace that is joined', false, joined('pid'), {}],
])('whether the parent has something to do for %s: %s', (_, asks, namespaces, linux) => {
  expect(asksToBeSetUp(planNamespaces(withLinux({ ...linux, namespaces })))).toBe(asks);
  expect(stepsFor(namespaces, { linux }).includes(entered)).toBe(asks);
});

describe('a container that is entered', () => {
  const init = fd(30);
  const target = (kinds: NamespaceKind[], more: Partial<Target> = {}): Target => ({
    ...{ init, kinds, root: null, cpus: null },
    ...more,
  });
  const enter = (flags: number) => `setns(30, 0x${flags.toString(16)}) # enter the container`;
  const plain = (kinds: NamespaceKind[], stage: number | null, more?: Partial<Target>) => {
    const plan = { ...planNamespaces(withLinux({ namespaces: [] })), stage };
    return entrySteps({
      plan,
      entrances: { unified: null, tasks: [fd(11)], [Symbol.dispose]: () => {} },
      namespaces: [],
      owned: [],
      parentEnd: fd(8),
      lock: 6,
      first: [call('with the rights of the caller', 'getpid')],
      target: target(kinds, more),
      moved: false,
    });
  };
  const lines = (...given: Parameters<typeof plain>) =>
    showSteps(plain(...given)).map((line) => line.replace(/<(ff)+>/, '<all>'));

  it('is entered at once, when it can no longer trace who comes (CVE-2016-9962)', () => {
    expect(lines(['uts', 'network', 'mount'], null)).toEqual([
      ...arrival,
      'write(11, <30>, 1) # join cgroup',
      hidden,
      enter(flag.uts + flag.network),
      session,
    ]);
  });

  it('has its pid and time namespaces entered by birth', () => {
    const steps = lines(['pid', 'time'], 0);
    expect(steps.slice(-6)).toEqual([hidden, enter(0x20000080), clone(0), die, born, session]);
  });

  it('has its user namespace entered with the others, and its root become', () => {
    const steps = lines(['user', 'uts'], null);
    expect(steps.slice(-7)).toEqual([hidden, enter(flag.user + flag.uts), ...root, session]);
  });

  it('needs no call to enter nothing, or a mount namespace, which comes later', () => {
    expect(lines(['mount'], null).slice(-2)).toEqual([hidden, session]);
    expect(lines([], null).slice(-2)).toEqual([hidden, session]);
  });

  it('runs on the CPUs that the kernel leaves it once the cgroup is joined, if it is given none', () => {
    expect(lines([], null).join()).not.toContain('sched_setaffinity');
  });

  it('runs on the CPUs that it is given once the cgroup is joined', () => {
    const steps = lines([], null, { cpus: new Uint8Array([3]) });
    const chosen = 'sched_setaffinity(0, 1, <03>) # /process/execCPUAffinity: use these CPUs';
    expect(steps).toContain(chosen);
    expect(steps.indexOf(chosen)).toBe(steps.indexOf('write(11, <30>, 1) # join cgroup') + 1);
    expect(steps).not.toContain(cpus);
  });
});
