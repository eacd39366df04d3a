import { expect, test } from 'vitest';
import { withLinux, withProcess } from '../testing/plans.js';
import { request, runtimeHost } from '../testing/runtime-host.js';
import { createContainer } from './create.js';

const asking = {
  ...withLinux({ netDevices: { eth0: {} } }),
  process: withProcess({ terminal: false }).process!,
};

test('an ordinary user is refused network devices by name, and leaves nothing', () => {
  const host = runtimeHost({ packets: ['{"type":"hooks"}'] }, asking);
  const before = host.machine.tree.snapshot();
  expect(() => createContainer({ ...host.runtime, rootless: 'true' }, request)).toThrow(
    expect.objectContaining({
      message: 'network devices can be moved by root alone',
      at: '/linux/netDevices/eth0',
    }),
  );
  const left = host.machine.tree.snapshot().filter((line) => !before.includes(line));
  expect(left).toEqual(['/run/runts 40700 ']);
  expect(host.open()).toEqual([]);
});

test('without network devices no socket of rtnetlink is opened', () => {
  const host = runtimeHost();
  createContainer(host.runtime, request);
  expect(host.trace().filter((line) => /^socket\(16|\/ns\/net/.test(line))).toEqual([]);
});
