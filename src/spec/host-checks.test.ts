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
const mounted = (...options: string[]): Spec => ({
  ...base,
  mounts: [{ destination: '/a', options }],
});

describe('a host', () => {
  test('that has everything draws no complaint', () => {
    expect(hostComplaints(base, facts)).toEqual([]);
    expect(hostComplaints(namespace('network', '/proc/1/ns/net'), facts)).toEqual([]);
    expect(hostComplaints(mounted('rro'), facts)).toEqual([]);
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

  test('with a kernel before 5.12 cannot change trees of mounts', () => {
    const old = { ...facts, kernel: [5, 11] as const };
    expect(hostComplaints(mounted('ro', 'rro', 'rprivate', 'constructor'), old)).toEqual([
      {
        code: 'kernel-too-old',
        at: '/mounts/0/options/1',
        message: 'option rro needs Linux 5.12',
      },
    ]);
    expect(hostComplaints(mounted('rro'), { ...facts, kernel: [4, 19] })).toHaveLength(1);
    expect(hostComplaints(mounted('rro'), { ...facts, kernel: [5, 12] })).toEqual([]);
  });
});

describe('refuseHost', () => {
  test('throws the code, the place and all complaints', () => {
    const spec = { ...namespace('user'), mounts: mounted('rro').mounts! };
    const complaints = hostComplaints(spec, { ...facts, kernel: [5, 10] });
    expect(() => refuseHost(complaints)).toThrow(
      expect.objectContaining({
        code: 'host',
        at: '/linux/namespaces/0/type',
        message:
          'no-such-namespace-type: this kernel has no user namespaces; ' +
          '/mounts/0/options/0: kernel-too-old: option rro needs Linux 5.12',
      }),
    );
  });

  test('lets a host pass that has everything', () => {
    expect(() => refuseHost([])).not.toThrow();
  });
});
