import { expect, test } from 'vitest';
import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from './constants.js';
import { mountWords } from './mount-options.js';

/** config.md#configLinuxMountOptions, and what mount(8) knows besides. */
const specified = `
  async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev
  nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private
  ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodev rnodiratime rnoexec rnorelatime
  rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime
  rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup
  unbindable idmap ridmap
`
  .trim()
  .split(/\s+/);

test('every word of the specification has a meaning', () => {
  expect(specified.filter((word) => !(word in mountWords))).toEqual([]);
  expect(specified).toHaveLength(62);
});

test('each word means exactly one thing', () => {
  for (const [word, meaning] of Object.entries(mountWords)) {
    const { set, propagation, bind, remount, flag, extension, nothing } = meaning;
    const meanings = [set, propagation, bind, remount, flag, extension, nothing];
    expect([word, meanings.filter((each) => each !== undefined).length]).toEqual([word, 1]);
  }
});

test.each([
  ['ro', 'rw', MOUNT_ATTR_RDONLY],
  ['nosuid', 'suid', MOUNT_ATTR_NOSUID],
  ['nodev', 'dev', MOUNT_ATTR_NODEV],
  ['noexec', 'exec', MOUNT_ATTR_NOEXEC],
  ['nodiratime', 'diratime', MOUNT_ATTR_NODIRATIME],
  ['nosymfollow', 'symfollow', MOUNT_ATTR_NOSYMFOLLOW],
])('%s sets what %s clears', (on, off, bit) => {
  expect(mountWords[on]).toEqual({ set: bit, clear: 0 });
  expect(mountWords[off]).toEqual({ set: 0, clear: bit });
});

test.each([
  ['noatime', MOUNT_ATTR_NOATIME],
  ['strictatime', MOUNT_ATTR_STRICTATIME],
  ['relatime', 0],
  ['atime', 0],
  ['norelatime', 0],
  ['nostrictatime', 0],
])('%s replaces any other way of access times', (word, value) => {
  expect(mountWords[word]).toEqual({ set: value, clear: MOUNT_ATTR__ATIME });
});

test('an r in front of an attribute is the same for everything below', () => {
  const words = Object.keys(mountWords).filter((word) => mountWords[`r${word}`]?.set !== undefined);
  expect(words).toHaveLength(18);
  for (const word of words)
    expect(mountWords[`r${word}`]).toEqual({ ...mountWords[word], recursive: true });
});

test.each([
  ['private', MS_PRIVATE],
  ['shared', MS_SHARED],
  ['slave', MS_SLAVE],
  ['unbindable', MS_UNBINDABLE],
])('%s and its r are propagation', (word, type) => {
  expect(mountWords[word]).toEqual({ propagation: type });
  expect(mountWords[`r${word}`]).toEqual({ propagation: type, recursive: true });
});
