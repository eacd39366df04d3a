import { describe, expect, it } from 'vitest';
import type { Spec } from '../generated/spec-types.js';
import { SELINUX_MAGIC } from '../linux/constants.js';
import { type FakeHostSetup, fakeHost } from '../testing/fake-host.js';
import { directoryNode } from '../testing/fake-tree.js';
import { base, withLinux, withProcess } from '../testing/plans.js';
import { checkLsm } from './lsm.js';

const apparmor = (text: string) => ({ '/sys/module/apparmor/parameters/enabled': text });
const selinux = (current: string, magic = SELINUX_MAGIC) => ({
  '/sys/fs/selinux': directoryNode({ magic }),
  '/proc/self/attr/current': current,
});

function check(spec: Spec, files: FakeHostSetup['files'] & object = {}) {
  const host = fakeHost({ files });
  const act = () => checkLsm(host.context, spec);
  return { act, host };
}

const profile = withProcess({ apparmorProfile: 'docker-default' });
const label = withProcess({ selinuxLabel: 'u:r:t:s0' });
const mountLabel = withLinux({ mountLabel: 'u:r:t:s0' });

it('a configuration without profile and label asks the machine nothing', () => {
  for (const spec of [base, withProcess({ apparmorProfile: '', selinuxLabel: '' })]) {
    const { act, host } = check(spec);
    act();
    expect(host.trace()).toEqual([]);
  }
});

describe('an AppArmor profile', () => {
  it('is taken where AppArmor is enabled', () => {
    const { act, host } = check(profile, apparmor('Y\n'));
    expect(act).not.toThrow();
    expect(host.open()).toEqual([]);
  });

  it.each([{}, apparmor('N\n')])('is refused elsewhere: %j', (files) => {
    expect(check(profile, files).act).toThrow(
      expect.objectContaining({
        code: 'host',
        at: '/process/apparmorProfile',
        message:
          'apparmor profile is specified in config, but apparmor is disabled or not supported',
      }),
    );
  });
});

describe('an SELinux label', () => {
  it.each([
    ['of the process', label],
    ['of mounts', mountLabel],
  ])('%s is taken where SELinux is enabled', (_, spec) => {
    const { act, host } = check(spec, selinux('system_u:system_r:init_t:s0\0'));
    expect(act).not.toThrow();
    expect(host.open()).toEqual([]);
  });

  it.each([
    ['there is no SELinux', {}],
    ['its file system is not mounted', selinux('x', 0x62656572)],
    ['no policy has been loaded', selinux('kernel\0')],
  ])('is refused where %s', (_, files) => {
    const message =
      'selinux label is specified in config, but selinux is disabled or not supported';
    for (const [spec, at] of [
      [label, '/process/selinuxLabel'],
      [mountLabel, '/linux/mountLabel'],
    ] as const)
      expect(check(spec, files).act).toThrow(
        expect.objectContaining({ code: 'host', at, message }),
      );
  });
});
