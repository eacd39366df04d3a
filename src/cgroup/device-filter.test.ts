import { describe, expect, it } from 'vitest';
import { asRuntimeError, type RuntimeError } from '../errors/error.js';
import type { LinuxResources } from '../generated/spec-types.js';
import { errno } from '../linux/errno.js';
import { factsV2, mountsOf } from '../testing/cgroup-hosts.js';
import { fakeHost } from '../testing/fake-host.js';
import { applyLimits, createCgroups } from './act.js';
import { planCgroup } from './plan.js';

type Devices = NonNullable<LinuxResources['devices']>;

interface Caller {
  readonly euid?: number;
  /** /proc/self/uid_map. */
  readonly map?: string;
}

const first = '         0          0 4294967295\n';
const inner = '         0       1000          1\n';

/** What comes of a device filter that the kernel refuses. */
function refused(
  devices: Devices,
  { euid = 0, map = first }: Caller,
  number: number = errno.EPERM,
) {
  const facts = factsV2();
  const fake = fakeHost({
    cgroups: mountsOf(facts),
    files: { '/proc/self/uid_map': map },
    natives: { loadDeviceFilter: () => -number, geteuid: () => euid },
  });
  const said: string[] = [];
  const log = { ...fake.context.log, debug: (text: string) => void said.push(text) };
  const context = { ...fake.context, log };
  const linux = { cgroupsPath: '/c', resources: { devices } };
  const plan = planCgroup(facts, { ociVersion: '1.2.0', linux }, 'id');
  createCgroups(context, plan, () => {});
  let error: RuntimeError | undefined;
  try {
    applyLimits(context, plan);
  } catch (thrown) {
    error = asRuntimeError(thrown);
  }
  expect(fake.open()).toEqual([]);
  return { error, said };
}

const asked: Devices = [{ allow: false, access: 'rwm' }];
const user = { euid: 1000 };
const root = {};
const innerRoot = { map: inner };
const told = ['device rules are not applied: bpf(2) is not for this user'];

describe('a device filter that this user may not load', () => {
  it.each<[string, Devices, Caller]>([
    ['an ordinary user who forbids nothing', [], user],
    ['root of a user namespace who forbids nothing', [], innerRoot],
    // Nobody can make device nodes there.
    ['root of a user namespace', asked, innerRoot],
  ])('is done without for %s', (_, devices, caller) => {
    expect(refused(devices, caller)).toEqual({ error: undefined, said: told });
  });

  it.each<[string, Devices, Caller, number]>([
    ['root', [], root, errno.EPERM],
    ['root who forbids something', asked, root, errno.EPERM],
    ['an ordinary user who forbids something', asked, user, errno.EPERM],
    ['an ordinary user, for another reason', [], user, errno.E2BIG],
    ['root of a user namespace, for another reason', [], innerRoot, errno.ENOMEM],
  ])('is an error for %s', (_, devices, caller, number) => {
    const { error, said } = refused(devices, caller, number);
    expect(error).toMatchObject({
      at: '/linux/resources/devices',
      steps: ['filter devices'],
      call: { errno: number },
    });
    expect(said).toEqual([]);
  });
});
