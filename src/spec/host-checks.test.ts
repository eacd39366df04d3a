import { describe, expect, test } from 'vitest';
import type { Spec } from '../generated/spec-types.js';
import { type HostFacts, hostComplaints, refuseHost } from './host-checks.js';
import { template } from './template.js';

const facts: HostFacts = {
  kernel: [6, 1],
  namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'],
  namespacePaths: { '/proc/1/ns/net': 'network', '/tmp/file': null },
};
const base = template({ cgroupV2: true });

const namespace = (type: 'user' | 'network', path?: string): Spec => ({
  ...base,
  linux: { namespaces: [path === undefined ? { type } : { type, path }] },
});
describe('a host', () => {
  test('that has everything draws no complaint', () => {
    expect(hostComplaints(base, facts)).toEqual([]);
    expect(hostComplaints(namespace('network', '/proc/1/ns/net'), facts)).toEqual([]);
  });

  test('without a type of namespaces cannot make one', () => {
    expect(hostComplaints(namespace('user'), facts)).toEqual([
      {
        code: 'no-such-namespace-type',
        at: '/linux/namespaces/0/type',
        message: 'this kernel has no user namespaces',
      },
    ]);
  });

  test.each(['/gone', '/tmp/file', 'toString'])(
    'without a namespace at %s cannot join it',
    (path) => {
      expect(hostComplaints(namespace('network', path), facts)).toMatchObject([
        { code: 'namespace-path-missing', at: '/linux/namespaces/0/path' },
      ]);
    },
  );

  test('with a namespace of another type at a path cannot join it', () => {
    expect(hostComplaints(namespace('user', '/proc/1/ns/net'), facts)).toMatchObject([
      { code: 'namespace-path-of-other-type', at: '/linux/namespaces/0/path' },
    ]);
  });

  test.each([
    [5, 11],
    [4, 19],
  ] as const)('with Linux %i.%i is told which version is needed', (major, minor) => {
    expect(hostComplaints(base, { ...facts, kernel: [major, minor] })).toEqual([
      {
        code: 'kernel-too-old',
        at: '/linux',
        message: `this is Linux ${major}.${minor}, and 5.12 is needed`,
      },
    ]);
  });

  test('with Linux 5.12 is new enough', () => {
    expect(hostComplaints(base, { ...facts, kernel: [5, 12] })).toEqual([]);
  });
});

describe('refuseHost', () => {
  test('throws the code, the place and all complaints', () => {
    const complaints = hostComplaints(namespace('user'), { ...facts, kernel: [5, 10] });
    expect(() => refuseHost(complaints)).toThrow(
      expect.objectContaining({
        code: 'host',
        at: '/linux',
        message:
          'kernel-too-old: this is Linux 5.10, and 5.12 is needed; ' +
          '/linux/namespaces/0/type: no-such-namespace-type: this kernel has no user namespaces',
      }),
    );
  });

  test('lets a host pass that has everything', () => {
    expect(() => refuseHost([])).not.toThrow();
  });
});
