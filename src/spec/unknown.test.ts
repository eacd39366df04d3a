import { expect, test } from 'vitest';
import type { Spec } from '../generated/spec-types.js';
import { template } from './template.js';
import { unknownFields } from './unknown.js';

const base = template({ cgroupV2: true });

test('a document of known fields has no unknown ones', () => {
  const annotations = { 'any.key': 'x' };
  const linux = { ...base.linux, sysctl: { 'net.a': '1' }, netDevices: { eth0: {} } };
  expect(unknownFields({ ...base, annotations, linux, windows: { any: 1 } as object })).toEqual([]);
});

test('unknown fields are listed as pointers, wherever they are', () => {
  const spec: object = {
    ...base,
    Hostname: 'case matters',
    'a/b': 1,
    mounts: [{ destination: '/a' }, { destination: '/b', sauce: 'c' }],
    linux: { ...base.linux, resources: { memory: { limits: 1 } }, future: { deep: { er: 1 } } },
  };
  expect(unknownFields(spec as Spec).sort()).toEqual([
    '/Hostname',
    '/a~1b',
    '/linux/future',
    '/linux/resources/memory/limits',
    '/mounts/1/sauce',
  ]);
});
