import { describe, expect, test } from 'vitest';
import type { Linux, Process, Spec } from '../generated/spec-types.js';
import { errorIfAny } from '../testing/error-of.js';
import { template } from './template.js';
import { refuseUnsupported } from './unsupported.js';

const full = template({ cgroupV2: true });
const base: Spec = { ...full, process: { ...full.process!, terminal: false } };

const inProcess = (change: Partial<Process>): Partial<Spec> => ({
  process: { ...base.process!, ...change },
});
const inLinux = (change: Partial<Linux>): Partial<Spec> => ({
  linux: { ...base.linux, ...change },
});
const inResources = (resources: Linux['resources'] & object) => inLinux({ resources });

const refusal = (change: Partial<Spec>) =>
  errorIfAny(() => refuseUnsupported({ ...base, ...change }));

const refused: Record<string, Partial<Spec>> = {
  '/vm': { vm: { kernel: { path: '/k' } } },
};

describe('what this release does not apply is refused by name', () => {
  for (const [at, change] of Object.entries(refused)) {
    test(at, () => {
      const error = refusal(change);
      expect(error).toMatchObject({ code: 'not-supported', at });
      expect(error!.message).toMatch(/ (not|not .* yet|not supported)\b/);
    });
  }

  test('all of it at once', () => {
    const annotations = { 'run.oci.handler': 'krun' };
    const error = refusal({ annotations, vm: { kernel: { path: '/k' } } });
    expect(error!.message).toMatch(/^virtual machines are not supported; \/annotations\/\S+: /);
  });
});

describe('a field that asks for nothing is not refused', () => {
  test.each([
    ['no field at all', {}],
    ['empty lists and maps', inLinux({ uidMappings: [], netDevices: {}, timeOffsets: {} })],
    ['a block I/O weight of zero', inResources({ blockIO: { weight: 0, weightDevice: [] } })],
    ['empty resources', inResources({ network: {}, unified: {}, rdma: {}, hugepageLimits: [] })],
    ['a terminal size without a terminal', inProcess({ consoleSize: { width: 1, height: 1 } })],
    ['limits that the kernel has no longer', inResources({ memory: { kernel: 1, kernelTCP: 1 } })],
    ['an empty VM', { vm: {} as never }],
  ] as [string, Partial<Spec>][])('%s', (_, change) => {
    expect(refusal(change)).toBeUndefined();
  });
});
