import { beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../cli/cli.js';
import { actions } from '../cli/commands/actions.js';
import type { Features, Spec } from '../generated/spec-types.js';
import { validate } from '../generated/validate-features.js';
import { capabilityNames } from '../linux/capabilities.js';
import { SECCOMP_FILTER_FLAG_LOG } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { mountWords } from '../linux/mount-options.js';
import { namespaceKinds } from '../linux/namespaces.js';
import { seccompFlags } from '../linux/seccomp.js';
import { unsafeAnnotations } from '../spec/annotations.js';
import { refuseUnsupported } from '../spec/unsupported.js';
import { type Caller, fakeEngine } from '../testing/cli-engine.js';

vi.mock('../generated/build-info.js', () => ({ version: '1.2.3', commit: 'abc' }));
vi.mock('../spec/unsupported.js', () => ({ refuseUnsupported: vi.fn() }));

const refuse = vi.mocked(refuseUnsupported);

/** Which requests are refused; the answer of the real table is looked at end to end. */
const refuseIf = (asks: (spec: Spec) => unknown) =>
  refuse.mockImplementation((spec) => {
    if (asks(spec)) throw new Error('refused');
  });

function run(caller: Partial<Caller> = {}) {
  const natives = { seccompVersion: () => 0x020504, seccomp: () => -errno.EFAULT };
  const fake = fakeEngine({ argv: ['features'], natives, ...caller });
  const status = main(fake.engine, actions);
  return { status, fake, text: fake.written(1), errors: fake.written(2) };
}

const read = (caller?: Partial<Caller>) => JSON.parse(run(caller).text) as Features;

beforeEach(() => {
  refuseIf(() => false);
});

describe('features', () => {
  test('are one JSON document as the specification describes it, and nothing else', () => {
    const { status, text, errors } = run();
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 4)}\n`);
    expect(validate(JSON.parse(text))).toBeNull();
    refuseIf(() => true);
    expect(validate(read())).toBeNull();
  });

  test('need no state root, and make none', () => {
    const caller = { euid: 1000, environment: ['XDG_RUNTIME_DIR=/nowhere'] };
    const { status, fake } = run(caller);
    expect(status).toBe(0);
    expect(fake.calls.filter((call) => /openat2|mkdirat/.test(call))).toEqual([]);
  });

  test('are what the tables of the program have', () => {
    const { mountOptions, linux, hooks } = read();
    expect(mountOptions).toEqual(Object.keys(mountWords).sort());
    expect(linux?.namespaces).toEqual(Object.keys(namespaceKinds));
    expect(linux?.capabilities).toEqual(capabilityNames);
    expect(hooks).toHaveLength(6);
  });

  test('have what configurations may ask for, and no more', () => {
    refuseIf(({ hooks, linux }) => hooks?.poststop ?? linux?.namespaces?.[0]?.type === 'time');
    const { hooks, linux } = read();
    expect(hooks).toEqual([
      'prestart',
      'createRuntime',
      'createContainer',
      'startContainer',
      'poststart',
    ]);
    expect(linux?.namespaces).toEqual(['cgroup', 'ipc', 'mount', 'network', 'pid', 'user', 'uts']);
  });

  const on = { enabled: true };
  const off = { enabled: false };

  test.each([
    ['apparmor', ({ process }: Spec) => process?.apparmorProfile, { apparmor: off }],
    ['the process label', ({ process }: Spec) => process?.selinuxLabel, { selinux: off }],
    ['the mount label', ({ linux }: Spec) => linux?.mountLabel, { selinux: off }],
    ['netDevices', ({ linux }: Spec) => linux?.netDevices, { netDevices: off }],
    ['seccomp', ({ linux }: Spec) => linux?.seccomp, { seccomp: off }],
    ['idmap', ({ mounts }: Spec) => mounts, { mountExtensions: { idmap: off } }],
    [
      'monitoring',
      ({ linux }: Spec) => linux?.intelRdt?.enableMonitoring,
      { intelRdt: { enabled: true, schemata: true, monitoring: false } },
    ],
  ])('say of %s whether a configuration may ask for it', (_, asks, without) => {
    const all = {
      apparmor: on,
      selinux: on,
      netDevices: on,
      seccomp: expect.objectContaining(on),
      mountExtensions: { idmap: on },
      intelRdt: { enabled: true, schemata: true, monitoring: true },
    };
    expect(read().linux).toMatchObject(all);
    refuseIf(asks);
    expect(read().linux).toMatchObject({ ...all, ...without });
  });

  test('leave out memory policies that are refused', () => {
    expect(read().linux?.memoryPolicy?.modes).toContain('MPOL_BIND');
    refuseIf(({ linux }) => linux?.memoryPolicy);
    expect(read().linux).not.toHaveProperty('memoryPolicy');
  });

  test('have of the flags of seccomp those that this kernel takes', () => {
    const seccomp = (_: number | bigint, flags: number | bigint) =>
      Number(flags) & SECCOMP_FILTER_FLAG_LOG ? -errno.EINVAL : -errno.EFAULT;
    const found = read({ natives: { seccompVersion: () => 0x020504, seccomp } }).linux?.seccomp;
    expect(found?.knownFlags).toEqual(Object.keys(seccompFlags).sort());
    expect(found?.supportedFlags).toEqual(
      found?.knownFlags?.filter((flag) => flag !== 'SECCOMP_FILTER_FLAG_LOG'),
    );
  });

  test('name the annotations that change what is done', () => {
    expect(read().potentiallyUnsafeConfigAnnotations).toEqual(unsafeAnnotations());
  });

  test('have no seccomp where no libseccomp is linked in', () => {
    const { linux, annotations } = read({ natives: { seccompVersion: () => 0 } });
    expect(linux?.seccomp).toEqual(off);
    expect(annotations).toEqual({ 'run.runts.commit': 'abc', 'run.runts.version': '1.2.3' });
  });

  test('tell versions under names of our own, and that of libseccomp', () => {
    expect(read()).toMatchObject({
      ociVersionMin: '1.0.0',
      ociVersionMax: '1.3.0',
      annotations: {
        'io.github.seccomp.libseccomp.version': '2.5.4',
        'run.runts.commit': 'abc',
        'run.runts.version': '1.2.3',
      },
    });
  });
});
