import { expect, it } from 'vitest';
import { errno } from '../linux/errno.js';
import { fakeCgroups } from '../testing/fake-cgroups.js';
import { writeIfThere } from './files.js';

const KILL = '/sys/fs/cgroup/c/cgroup.kill';

const writing = (answer: number) => {
  const fake = fakeCgroups({ files: { [KILL]: '' } });
  Object.assign(fake.context.host.raw, { write: () => -answer });
  return () => writeIfThere(fake.context, KILL, '1');
};

it.each([['ENODEV'], ['ENOENT']] as const)(
  'a cgroup that goes while its file is open, %s, is gone',
  (name) => {
    expect(writing(errno[name])()).toBe(false);
  },
);

it('any other failure to write is told', () => {
  const call = expect.objectContaining({ name: 'write', errno: errno.EACCES });
  expect(writing(errno.EACCES)).toThrow(expect.objectContaining({ call }));
});
