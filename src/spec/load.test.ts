import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { accepts } from '../generated/accept-config.js';
import type { Spec } from '../generated/spec-types.js';
import { validate as validateConfig } from '../generated/validate-config.js';
import { validate as validateFeatures } from '../generated/validate-features.js';
import { validate as validateState } from '../generated/validate-state.js';
import { errorOf } from '../testing/error-of.js';
import { readOrExplain } from './explain.js';
import { parseQuickly } from './json.js';
import { loadSpec } from './load.js';
import { template } from './template.js';

const neverCalled = () => {
  throw new Error('the quick way was not enough');
};

/** A configuration that this release can run, with something for most branches of the schema. */
function sample(): Spec {
  const spec = template({ cgroupV2: true });
  return {
    ...spec,
    process: { ...spec.process!, terminal: false, oomScoreAdj: -5 },
    annotations: { 'com.example.a': 'b' },
    linux: {
      ...spec.linux,
      devices: [{ type: 'c', path: '/dev/fuse', major: 10, minor: 229, fileMode: 438 }],
      sysctl: { 'net.ipv4.ip_forward': '1' },
      cgroupsPath: '/a/b',
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        memory: { limit: 2 ** 30, swap: -1 },
        cpu: { shares: 1024, quota: 50_000, period: 100_000, cpus: '0' },
        pids: { limit: 100 },
      },
    },
  };
}

const load = (value: unknown) => loadSpec(JSON.stringify(value), readOrExplain).spec;

const refusal = (text: string) => errorOf(() => loadSpec(text, readOrExplain));

const refusalOf = (value: unknown) => refusal(JSON.stringify(value));

describe('a valid configuration', () => {
  test('is given back as it is, without the slow way', () => {
    const text = JSON.stringify(sample());
    expect(loadSpec(text, neverCalled).spec).toEqual(sample());
  });

  test('keeps 64-bit integers exact, without the slow way', () => {
    const rlimit = '{"type":"RLIMIT_MEMLOCK","soft":9007199254740993,"hard":18446744073709551615}';
    const text = JSON.stringify(sample()).replace(/"rlimits":\[[^\]]*\]/, `"rlimits":[${rlimit}]`);
    const [limit] = loadSpec(text, neverCalled).spec.process!.rlimits!;
    expect(limit).toMatchObject({ soft: 9007199254740993n, hard: 2n ** 64n - 1n });
  });

  test('may have null for what is absent, as Go programs write it', () => {
    const { linux, ...rest } = sample();
    const spec = load({ ...rest, hooks: null, linux: { ...linux, seccomp: null, devices: null } });
    expect(spec).not.toHaveProperty('hooks');
    expect(spec.linux).not.toHaveProperty('seccomp');
    expect(spec.linux).not.toHaveProperty('devices');
  });

  test('may have fields that nobody knows', () => {
    expect(load({ ...sample(), future: { deep: [1, 2] } })).toHaveProperty('future');
  });

  test('may have the objects of other platforms', () => {
    expect(() =>
      load({ ...sample(), solaris: {}, windows: {}, zos: {}, freebsd: {} }),
    ).not.toThrow();
  });
});

describe('a wrong configuration', () => {
  test('is told with pointer, finding, what is allowed, and section', () => {
    const error = refusal('{"ociVersion":"1.0.0","linux":{"resources":{"pids":{"limit":"lots"}}}}');
    expect(error).toMatchObject({ code: 'invalid-config', at: '/linux/resources/pids/limit' });
    expect(error.message).toBe(
      'found "lots", allowed: an integer from -9223372036854775808 to 9223372036854775807 ' +
        '(config-linux.md#pids)',
    );
  });

  test('gets all its complaints at once', () => {
    const error = refusal('{"mounts":[{"options":[1]}],"process":{}}');
    expect(error.at).toBe('/ociVersion');
    expect(error.message.split('; ')).toEqual([
      'found nothing, allowed: a string (config.md#specification-version)',
      '/mounts/0/destination: found nothing, allowed: a string (config.md#mounts)',
      '/mounts/0/options/0: found 1, allowed: a string (config.md#linux-mount-options)',
      '/process/cwd: Cwd property must not be empty: found nothing, allowed: a string (config.md#process)',
    ]);
  });

  test('gets no more complaints than one wants to read', () => {
    const error = refusalOf({ ...sample(), mounts: new Array(50).fill({}) });
    expect(error.message.split('; ')).toHaveLength(11);
    expect(error.message).toMatch(/; and 40 more$/);
  });

  test('is shown shortened', () => {
    const error = refusalOf({ ...sample(), root: { path: 'x', readonly: 'y'.repeat(5000) } });
    expect(error.message.length).toBeLessThan(200);
  });

  test.each([
    ['limit', '9223372036854775808'],
    ['limit', '-9223372036854775809'],
    ['limit', '18446744073709551615'],
    ['limit', '1.5'],
    ['limit', '1e300'],
    ['swappiness', '101'],
  ])('is one with the memory %s %s', (field, value) => {
    const memory = `{"ociVersion":"1.0.0","linux":{"resources":{"memory":{"${field}":${value}}}}}`;
    const error = refusal(memory);
    expect(error.at).toBe(`/linux/resources/memory/${field}`);
    if (!value.includes('e'))
      expect(error.message).toContain(`found ${value}, allowed: an integer`);
  });

  test('is one with null where something is required', () => {
    expect(refusalOf({ ...sample(), ociVersion: null })).toMatchObject({ at: '/ociVersion' });
    expect(refusalOf({ ...sample(), annotations: { a: null } })).toMatchObject({
      at: '/annotations/a',
    });
    const args = ['sh', null];
    const process = { ...sample().process, args };
    expect(refusalOf({ ...sample(), process })).toMatchObject({ at: '/process/args/1' });
  });

  test('points through names with slashes', () => {
    const error = refusalOf({ ...sample(), annotations: { 'a/b~c': 7 } });
    expect(error.at).toBe('/annotations/a~1b~0c');
    expect(error.message).toBe('found 7, allowed: a string (config.md#annotations)');
  });

  test.each(['[]', '"x"', '7', 'null'])('is one when the document is %s', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'invalid-config', at: '' });
  });

  test('is one with a string that the kernel would cut at a NUL', () => {
    const root = { path: 'rootfs\0/etc' };
    const error = refusalOf({ ...sample(), root });
    expect(error.at).toBe('/root/path');
    expect(error.message).toContain('a string without NUL');
    const sysctl = { 'net.a\0': '1' };
    expect(refusalOf({ ...sample(), linux: { ...sample().linux, sysctl } }).at).toContain(
      '/linux/sysctl',
    );
  });

  test('is none with a NUL in an annotation, or a backslash before u0000', () => {
    expect(() => load({ ...sample(), annotations: { a: '\0' } })).not.toThrow();
    expect(() => load({ ...sample(), root: { path: '\\u0000', readonly: true } })).not.toThrow();
  });
});

/** Changes one place of a document: another type, a missing field, an odd number, a wrong key. */
const oddValues = [
  null,
  true,
  '',
  'x',
  '\0',
  -1,
  0.5,
  2 ** 32,
  2 ** 63,
  2 ** 64,
  [],
  [null],
  [{}],
  {},
  { x: 1 },
  { '': '' },
  undefined,
];

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

/** Every field of the schema, so that mutations reach what the sample leaves out. */
function everything(): Spec {
  const id = { containerID: 0, hostID: 1, size: 2 };
  const spec = sample();
  return {
    ...spec,
    hooks: { poststop: [{ path: '/bin/x', args: ['x'], env: ['A=b'], timeout: 1 }] },
    vm: { kernel: { path: '/k' }, hwConfig: { iomems: [{ firstMFN: 1, nrMFNs: 1 }] } },
    linux: {
      ...spec.linux,
      uidMappings: [id],
      timeOffsets: { monotonic: { secs: 1, nanosecs: 1 } },
      netDevices: { eth0: { name: 'eth1' } },
      intelRdt: { closID: 'x', schemata: ['MB:1'] },
      memoryPolicy: { mode: 'MPOL_BIND', nodes: '0' },
      personality: { domain: 'LINUX' },
      seccomp: {
        defaultAction: 'SCMP_ACT_ERRNO',
        defaultErrnoRet: 1,
        architectures: ['SCMP_ARCH_X86'],
        syscalls: [
          {
            names: ['a'],
            action: 'SCMP_ACT_ALLOW',
            args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }],
          },
        ],
      },
      resources: {
        ...spec.linux!.resources,
        blockIO: { weightDevice: [{ major: 1, minor: 2, weight: 3 }] },
        hugepageLimits: [{ pageSize: '2MB', limit: 1 }],
        network: { classID: 1, priorities: [{ name: 'eth0', priority: 1 }] },
        rdma: { mlx: { hcaHandles: 1 } },
        unified: { 'io.max': 'x' },
      },
    },
  };
}

const mutated = fc
  .tuple(fc.nat(), fc.constantFrom(...oddValues), fc.nat(), fc.constantFrom(...oddValues))
  .map(([at, value, at2, value2]) => {
    const document = everything() as unknown;
    for (const [i, odd] of [
      [at, value],
      [at2, value2],
    ] as const) {
      const places = placesIn(document);
      const { holder, key } = places[i % places.length]!;
      holder[key] = structuredClone(odd);
    }
    return JSON.stringify(document);
  });

describe('any document', () => {
  test('may be nested without end where nobody looks', () => {
    const deep = `${'{"x":'.repeat(5000)}"\\u0000"${'}'.repeat(5000)}`;
    const text = JSON.stringify({ ...sample(), future: 0, hooks: { future: 0 } });
    expect(() =>
      loadSpec(text.replaceAll('"future":0', `"future":${deep}`), neverCalled),
    ).not.toThrow();
    const vm = JSON.stringify({ ...sample(), vm: { kernel: { path: '/k' }, more: 'deep' } });
    expect(refusal(vm.replace('"deep"', deep))).toMatchObject({ code: 'not-supported' });
  });

  test('gives a configuration or a RuntimeError', () => {
    const broken = fc
      .tuple(mutated, fc.nat(), fc.string({ maxLength: 2 }))
      .map(
        ([text, at, junk]) => text.slice(0, at % text.length) + junk + text.slice(at % text.length),
      );
    fc.assert(
      fc.property(fc.oneof(mutated, mutated, broken, fc.json()), (text) => {
        try {
          expect(loadSpec(text, readOrExplain).spec.ociVersion).toMatch(/^1\./);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(RuntimeError);
          expect((thrown as RuntimeError).code).toMatch(/^(invalid-config|not-supported)$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('is judged alike by the quick validator and by ajv', () => {
    const wide = (value: unknown): boolean =>
      typeof value === 'object' && value !== null
        ? Object.values(value).some(wide)
        : typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;
    fc.assert(
      fc.property(fc.oneof(mutated, fc.json()), (text) => {
        const value = parseQuickly(text);
        if (!wide(value)) expect(accepts(value)).toBe(validateConfig(value) === null);
      }),
      { numRuns: 1000 },
    );
  });
});

const official = new URL('../../../shared/oci-runtime-spec/schema/test/', import.meta.url);
const validators = { config: validateConfig, state: validateState, features: validateFeatures };

/** Whether the schema takes the document; a text that is no JSON is no valid document. */
function passes(kind: keyof typeof validators, text: string): boolean {
  const value = parseQuickly(text);
  return value !== undefined && validators[kind](value) === null;
}

describe.skipIf(!existsSync(official))("the specification's own examples", () => {
  for (const kind of ['config', 'state', 'features'] as const) {
    for (const verdict of ['good', 'bad'] as const) {
      const folder = new URL(`${kind}/${verdict}/`, official);
      const names = existsSync(folder) ? readdirSync(folder) : [];
      test.each(names)(`of ${kind}, %s, is ${verdict}`, (name) => {
        const text = readFileSync(new URL(name, folder), 'utf8');
        expect(passes(kind, text)).toBe(verdict === 'good');
      });
    }
  }
});
