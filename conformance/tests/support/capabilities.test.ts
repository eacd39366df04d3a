import { expect, test } from 'vitest';
import { capabilityNames, maskOf, namesIn } from './capabilities.js';

test('names stand where linux/capability.h has them', () => {
  expect(capabilityNames.indexOf('CAP_KILL')).toBe(5);
  expect(capabilityNames.indexOf('CAP_SYS_ADMIN')).toBe(21);
  expect(capabilityNames.indexOf('CAP_CHECKPOINT_RESTORE')).toBe(40);
  expect(capabilityNames).toHaveLength(41);
});

test('a mask is read as the kernel writes it', () => {
  expect(namesIn(maskOf('0000000020000420'))).toEqual([
    'CAP_KILL',
    'CAP_NET_BIND_SERVICE',
    'CAP_AUDIT_WRITE',
  ]);
  expect(namesIn(maskOf(undefined))).toEqual([]);
  expect(namesIn(maskOf('0000020000000000'))).toEqual(['CAP_41']);
});
