import { expect, it } from 'vitest';
import { errno } from '../linux/errno.js';
import type { FakeSetup } from '../testing/fake-cgroups.js';
import { fakeCgroups } from '../testing/fake-cgroups.js';
import type { CgroupRecord } from './driver.js';
import { watchEmptiness } from './emptiness.js';

const EVENTS = '/u/c/cgroup.events';
const hybrid: CgroupRecord = {
  mode: 'hybrid',
  directories: [
    { path: '/p/c', controllers: ['pids'], mountpoint: '/p' },
    { path: '/u/c', controllers: [], mountpoint: '/u' },
  ],
};

function waitsIn(record: CgroupRecord, files: FakeSetup['files'] = {}) {
  const fake = fakeCgroups({ files });
  {
    using watch = watchEmptiness(fake.context, record);
    watch.wait(5);
    watch.wait(5);
  }
  expect(fake.open()).toEqual([]);
  return fake.calls.filter((call) => call !== 'close');
}

it('waits at cgroup.events, read anew each time, while there are processes', () => {
  const calls = waitsIn(hybrid, { [EVENTS]: 'populated 1\nfrozen 0\n' });
  const once = ['lseek', 'read', 'ppoll'];
  expect(calls).toEqual(['openat2', ...once, ...once]);
});

it('only lets time pass where nothing tells, or nobody is there any more', () => {
  const v1 = { ...hybrid, directories: hybrid.directories.slice(0, 1) };
  expect(waitsIn(v1)).toEqual(['ppoll', 'ppoll']);
  expect(waitsIn(hybrid)).toEqual(['openat2', 'ppoll', 'ppoll']);
  const once = ['lseek', 'read', 'ppoll'];
  expect(waitsIn(hybrid, { [EVENTS]: 'populated 0\n' })).toEqual(['openat2', ...once, ...once]);
});

it('minds no cgroup that somebody else has removed', () => {
  const fake = fakeCgroups({ files: { [EVENTS]: 'populated 1\n' } });
  Object.assign(fake.context.host.raw, { lseek: () => -errno.ENODEV });
  using watch = watchEmptiness(fake.context, hybrid);
  watch.wait(5);
  expect(fake.calls).toEqual(['openat2', 'ppoll']);
});
