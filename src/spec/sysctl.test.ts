import { expect, test } from 'vitest';
import { sysctlPath } from './sysctl.js';

test.each([
  ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
  ['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
  ['net/ipv4/conf/eth0.1/mtu', 'net/ipv4/conf/eth0.1/mtu'],
  ['net.ipv4.conf.eth0/1.mtu', 'net/ipv4/conf/eth0.1/mtu'],
  ['fs', 'fs'],
])('the parameter %s is the file %s', (name, path) => {
  expect(sysctlPath(name)).toBe(path);
});

test.each(['', '.', '..', '/', 'a//b', 'a/../b', 'a./', 'a..b', '/a', 'net.//.x'])(
  'the name "%s" has no file',
  (name) => {
    expect(sysctlPath(name)).toBeUndefined();
  },
);
