import { describe, expect, it, test } from 'vitest';
import type { Mount, Spec } from '../generated/spec-types.js';
import { annotation } from '../spec/annotations.js';
import { base, planOf, withLinux, withProcess } from '../testing/plans.js';

const label = 'system_u:object_r:container_file_t:s0:c1,c2';
const labelled = (more: Partial<Spec> = {}): Spec => ({
  ...withLinux({ mountLabel: label }),
  ...more,
});

/** What of each mount carries a label, by its destination. */
const labels = (spec: Spec) =>
  planOf(spec)
    .mounts.map(({ destination, config }) => ({
      destination,
      found: config.filter(([key]) => /context$/.test(key)),
    }))
    .filter(({ found }) => found.length > 0);

test('profile and label are those of the process, and none when they are empty', () => {
  const asked = { apparmorProfile: 'docker-default', selinuxLabel: label };
  expect(planOf(withProcess(asked)).security).toEqual({
    apparmor: 'docker-default',
    selinux: label,
    mounts: [],
  });
  const empty = planOf(withProcess({ apparmorProfile: '', selinuxLabel: '' })).security;
  expect(empty).toEqual({ apparmor: null, selinux: null, mounts: [] });
});

describe('the label of mounts', () => {
  it('goes to new file systems, but for those that the policy labels', () => {
    const destinations = labels(labelled()).map(({ destination }) => destination);
    expect(destinations).toEqual(['/dev', '/dev/pts', '/dev/shm', '/dev/mqueue']);
    expect(labels(labelled())[0]?.found).toEqual([['context', label]]);
  });

  it('leaves alone what is bound, remounted, or has a label of its own', () => {
    const mounts: Mount[] = [
      { destination: '/a', type: 'bind', source: '/a', options: ['bind'] },
      { destination: '/b', options: ['remount', 'ro'] },
      { destination: '/c', type: 'tmpfs', options: ['rootcontext=own'] },
    ];
    expect(labels(labelled({ mounts }))).toEqual([
      { destination: '/c', found: [['rootcontext', 'own']] },
    ]);
  });

  it('is of the kind that an annotation names', () => {
    const annotations = { [annotation.mountContext]: 'rootcontext' };
    expect(planOf(labelled({ annotations })).security.mounts).toEqual([['rootcontext', label]]);
    expect(planOf({ ...base, annotations }).security.mounts).toEqual([]);
  });
});
