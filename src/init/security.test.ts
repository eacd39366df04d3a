import { describe, expect, it, test } from 'vitest';
import { errno } from '../linux/errno.js';
import { planMount } from '../plan/mounts.js';
import type { Plan, SecurityPlan } from '../plan/plan.js';
import { device, runFakeInit, stage } from '../testing/init-host.js';
import { base, planOf } from '../testing/plans.js';
import { mountAll } from './mounts.js';
import { maskPaths } from './paths.js';
import { chooseLabel, chooseProfile } from './security.js';
import { joinKeyring } from './session.js';

const none: SecurityPlan = { apparmor: null, selinux: null, mounts: [] };
const label = 'system_u:system_r:container_t:s0:c1,c2';
const attributes = Object.fromEntries(
  ['apparmor/exec', 'exec', 'keycreate'].map((name) => [`/proc/1/attr/${name}`, '']),
);
const pid = { getpid: () => 1 };

const on = (security: Partial<SecurityPlan>, change: Partial<Plan> = {}) =>
  stage({ security: { ...none, ...security }, ...change }, { files: attributes, natives: pid });

const strict = 'BENEATH|NO_MAGICLINKS|NO_SYMLINKS|NO_XDEV';

/** A procfs of our own is mounted, and one file of it is written. */
const written = (name: string, value: string) => [
  'fsopen("proc") = <fs proc>',
  'fsconfig(<fs proc>, create)',
  'fsmount(<fs proc>, 0) = <mount proc>',
  'getpid()',
  `openat2(<mount proc> "1/attr/${name}", WRONLY, ${strict}) = </proc/1/attr/${name}>`,
  `write(</proc/1/attr/${name}>, ${JSON.stringify(value)})`,
];

test('nothing is asked of a security module when there is neither profile nor label', () => {
  const { init, lines } = on({});
  chooseProfile(init);
  chooseLabel(init);
  expect(lines()).toEqual([]);
});

test('an AppArmor profile is chosen for the next program, through verified procfs (CVE-2025-52881)', () => {
  const { init, lines } = on({ apparmor: 'docker-default' });
  chooseProfile(init);
  expect(lines()).toEqual(written('apparmor/exec', 'exec docker-default'));
});

test('an SELinux label is chosen for the next program, through verified procfs (CVE-2025-52881)', () => {
  const { init, lines } = on({ selinux: label });
  chooseLabel(init);
  expect(lines()).toEqual(written('exec', label));
});

test('the session keyring has the label of the process, and later keys have not', () => {
  const { init, lines } = on({ selinux: label }, { session: { keyring: '_ses.c1' } });
  joinKeyring(init);
  expect(lines()).toEqual([
    ...written('keycreate', label),
    'keyctl(1, "_ses.c1")',
    'keyctl(5, 0x4d, 0x3f1b0000, 0)',
    ...written('keycreate', '\n').slice(3),
  ]);
});

test('the keyring of the caller keeps its label', () => {
  const { init, lines } = on({ selinux: label }, { session: { keyring: null } });
  joinKeyring(init);
  expect(lines()).toEqual([]);
});

test('what the kernel refuses is told with the file and the place in the configuration', () => {
  const { init } = stage({ security: { ...none, apparmor: 'gone' } }, { natives: pid });
  expect(() => chooseProfile(init)).toThrow(
    expect.objectContaining({
      at: '/process/apparmorProfile',
      steps: ['write `/proc/1/attr/apparmor/exec`'],
    }),
  );
});

test('who names a profile that the kernel does not know is told to load it', () => {
  const refuses = { write: () => -errno.ENOENT };
  const { init } = stage(
    { security: { ...none, apparmor: 'gone' } },
    { files: attributes, natives: { ...pid, ...refuses } },
  );
  expect(() => chooseProfile(init)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('load it first') }),
  );
});

describe('file systems that init makes itself carry the mount label', () => {
  const security = { ...none, mounts: [['context', label]] as const };
  const labelling = `fsconfig(<fs tmpfs>, context=${label})`;

  it('over masked directories', () => {
    const paths = { masked: ['/sys'], readonly: [], sysctls: [] };
    const files = { '/bundle/rootfs/dev/null': device(1, 3) };
    const { init, root, lines } = stage({ paths, security }, { files });
    maskPaths(init, root);
    expect(lines()).toContain(labelling);
  });

  it('below the hierarchies of cgroup v1', () => {
    const mounts = [planMount({ destination: '/sys', type: 'cgroup' }, 0, '/bundle')];
    const { init, root, lines } = stage({ mounts, security });
    mountAll(init, root);
    expect(lines()).toContain(labelling);
    expect(lines().filter((line) => line.includes('context='))).toEqual([labelling]);
  });
});

describe('order', () => {
  const plan = {
    ...planOf(base),
    security: { apparmor: 'a', selinux: label, mounts: [] },
  };
  const trace = runFakeInit(plan, { files: attributes, natives: pid }).trace();
  const place = (part: string) => trace.findIndex((line) => line.includes(part));

  it.each([
    ['sethostname', '"exec a"'],
    ['"exec a"', 'dropBounding('],
    // With no_new_privs, which the batch sets, only a stricter profile may be entered.
    ['"exec a"', 'finish('],
    [`write(</proc/1/attr/exec>, "${label}")`, 'finish('],
  ])('%s comes before %s', (first, second) => {
    expect(place(first)).toBeGreaterThan(-1);
    expect(place(first)).toBeLessThan(place(second));
  });
});
