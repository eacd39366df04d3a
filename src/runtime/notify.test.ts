import { describe, expect, it } from 'vitest';
import type { Spec } from '../generated/spec-types.js';
import { errno } from '../linux/errno.js';
import { runtimeHost } from '../testing/runtime-host.js';
import { makeNotifyFolder, notifyProxy, withNotify } from './notify.js';

const spec: Spec = {
  ociVersion: '1.2.0',
  process: { cwd: '/', args: ['app'], env: ['A=1', 'NOTIFY_SOCKET=/configured'] },
  mounts: [{ destination: '/proc', type: 'proc' }],
  linux: { namespaces: [{ type: 'mount' }] },
};

const under = (...environment: readonly string[]) => runtimeHost({ environment }).runtime;

describe('a configuration', () => {
  it('stays as it is without a service manager', () => {
    for (const environment of [[], ['NOTIFY_SOCKET='], ['XNOTIFY_SOCKET=/m']])
      expect(withNotify(under(...environment), 'c1', spec)).toBe(spec);
  });

  it('gets a mount and a variable, both the last of their kind, with one', () => {
    for (const name of ['/run/systemd/notify', '@name']) {
      const { process, mounts, ...rest } = withNotify(under(`NOTIFY_SOCKET=${name}`), 'c1', spec);
      expect(process?.env).toEqual([
        ...['A=1', 'NOTIFY_SOCKET=/configured', 'NOTIFY_SOCKET=/run/notify/notify.sock'],
      ]);
      expect(mounts).toEqual([
        { destination: '/proc', type: 'proc' },
        {
          destination: '/run/notify',
          type: 'bind',
          source: '/run/runts/c1/notify',
          options: ['bind', 'nosuid', 'nodev', 'noexec', 'ro'],
        },
      ]);
      expect(rest).toEqual({ ociVersion: '1.2.0', linux: spec.linux });
    }
  });

  it('without a mount namespace, or a name that is no address, is refused', () => {
    const shared = { ...spec, linux: { namespaces: [{ type: 'pid' as const }] } };
    expect(() => withNotify(under('NOTIFY_SOCKET=/m'), 'c1', shared)).toThrow(
      expect.objectContaining({ code: 'not-supported', at: '/linux/namespaces' }),
    );
    for (const name of ['relative', 'vsock:2:1'])
      expect(() => withNotify(under(`NOTIFY_SOCKET=${name}`), 'c1', spec)).toThrow(
        `NOTIFY_SOCKET=${name} is not supported`,
      );
  });
});

it('nothing is done for a service manager that is not there', () => {
  const host = runtimeHost();
  makeNotifyFolder(host.runtime, 3);
  expect(notifyProxy(host.runtime, 'c1')).toBeNull();
  expect(host.calls).toEqual([]);
});

describe('a proxy', () => {
  it('needs the directory that create makes', () => {
    const proxy = notifyProxy(under('NOTIFY_SOCKET=/m'), 'c1');
    expect(() => proxy?.bind()).toThrow('the container was created without NOTIFY_SOCKET');
  });

  it('gives the mask of new files back, also when it cannot be bound', () => {
    const masks: number[] = [];
    const natives = {
      umask: (mask: number) => {
        masks.push(mask);
        return 0o77;
      },
      bind: () => -errno.EIO,
      mkdirat: () => -errno.EIO,
    };
    const environment = ['NOTIFY_SOCKET=/m'];
    const folder = { '/run/runts/c1/notify/x': '' };
    const host = runtimeHost({ environment, natives, files: folder });
    const proxy = notifyProxy(host.runtime, 'c1');
    expect(() => proxy?.bind()).toThrow(expect.objectContaining({ code: 'syscall' }));
    expect(() => makeNotifyFolder(host.runtime, 3)).toThrow();
    expect(masks).toEqual([0, 0o77, 0, 0o77]);
    expect(host.open()).toEqual([]);
  });
});
