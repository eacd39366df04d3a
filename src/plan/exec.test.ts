import { describe, expect, it, test } from 'vitest';
import type { Process } from '../generated/spec-types.js';
import type { NamespaceKind } from '../linux/namespaces.js';
import { base, facts } from '../testing/plans.js';
import { type ExecRequest, planExec } from './exec.js';

const process: Process = {
  ...base.process!,
  rlimits: [{ type: 'RLIMIT_NOFILE', soft: 5, hard: 6 }],
};

const plan = (change: Partial<ExecRequest> = {}) =>
  planExec(
    {
      id: 'c1',
      process,
      namespaces: ['pid', 'mount'],
      linux: {},
      annotations: {},
      keyring: true,
      preserveFds: 0,
      seccomp: null,
      ...change,
    },
    { ...facts, listenFds: 3 },
  );

test('a process enters what is there: nothing is made, mounted, masked or hooked', () => {
  expect(plan()).toMatchObject({
    enters: true,
    namespaces: { clone: 0, unshare: 0, joins: [], mount: false, loopback: false, user: null },
    mounts: [],
    devices: { nodes: [], links: [] },
    paths: { masked: [], readonly: [], sysctls: [] },
    identity: { hostname: null, domainname: null },
    hooks: null,
  });
});

test('descriptors of systemd are not passed, those to preserve are', () => {
  const { extraFds, env } = plan({ preserveFds: 2 }).process;
  expect(extraFds).toBe(2);
  expect(env.join()).not.toContain('LISTEN');
});

describe('a stage', () => {
  it.each<[NamespaceKind[], number | null]>([
    [['pid', 'mount'], 0],
    [['time'], 0],
    [['mount', 'user', 'network', 'cgroup'], null],
    [[], null],
  ])('for %j is %s: one is born into pid and time namespaces', (namespaces, stage) => {
    expect(plan({ namespaces }).namespaces.stage).toBe(stage);
  });
});

test('in a user namespace the parent sets the limits, and every capability may be had', () => {
  const outside = plan();
  expect([outside.process.rlimits.length, outside.parentRlimits]).toEqual([1, []]);
  const inside = plan({ namespaces: ['user'] });
  expect([inside.process.rlimits, inside.parentRlimits.length]).toEqual([[], 1]);
});

test('the session keyring has the container’s name, or is the caller’s', () => {
  expect(plan().session.keyring).toBe('_ses.c1');
  expect(plan({ keyring: false }).session.keyring).toBeNull();
});

test('what the container keeps for its processes comes along', () => {
  const seccomp = { program: 'AA==', flags: 0, notifies: false } as ExecRequest['seccomp'];
  const made = plan({ seccomp, linux: { personality: { domain: 'LINUX32' } } });
  expect(made.process.seccomp).toBe(seccomp);
  expect(made.process.tuning).not.toEqual(plan().process.tuning);
});
