import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptCode } from './accept.js';
import type { Schema } from './bundle.js';
import { bundles, compileSchemas } from './compile.js';

const scalars = ['Strings', 'UInt16', 'UInt32', 'Int32', 'Int64', 'UInt64', 'Names', 'Flag'];

let outDir: string;
let sizes: Record<string, number>;

beforeAll(async () => {
  outDir = mkdtempSync(join(tmpdir(), 'runts-schemas-'));
  sizes = await compileSchemas(outDir);
});

afterAll(() => rmSync(outDir, { recursive: true, force: true }));

const textOf = (name: string) => readFileSync(join(outDir, name), 'utf8');

describe('the generated modules', () => {
  test('need no other module', () => {
    const modules = Object.keys(sizes).filter((name) => name.endsWith('.js'));
    expect(modules.length).toBeGreaterThan(0);
    for (const name of modules) expect(textOf(name)).not.toMatch(/\bimport\b|\brequire\(/);
  });

  test('have one export each', async () => {
    const kinds = { accept: 'accepts', validate: 'validate', schema: 'configSchema' };
    for (const [kind, name] of Object.entries(kinds)) {
      expect(Object.keys(await import(join(outDir, `${kind}-config.js`)))).toEqual([name]);
    }
  });

  test('are the same when they are made again', async () => {
    const again = mkdtempSync(join(tmpdir(), 'runts-schemas-'));
    await compileSchemas(again);
    for (const name of Object.keys(sizes)) {
      expect(readFileSync(join(again, name), 'utf8')).toBe(textOf(name));
    }
    rmSync(again, { recursive: true });
  });

  test('keep what every create loads small', () => {
    expect(sizes['accept-config.js']).toBeLessThan(16_000);
  });

  test('give 64-bit fields a type that holds them', () => {
    expect(textOf('spec-types.ts')).toContain('export type UInt64 = number | bigint');
  });

  test('name the version of the specification', () => {
    expect(textOf('spec-version.ts')).toBe("export const specVersion = '1.3.0';\n");
  });
});

describe('the state validator', () => {
  const state = { ociVersion: '1.3.0', id: 'a', status: 'stopped', bundle: '/b' };

  test('wants a pid only while the container has a process', async () => {
    const { validate } = await import(join(outDir, 'validate-state.js'));
    expect(validate(state)).toBeNull();
    expect(validate({ ...state, status: 'running', pid: 7 })).toBeNull();
    const [error] = validate({ ...state, status: 'running' });
    expect(error).toMatchObject({ keyword: 'required', params: { missingProperty: 'pid' } });
  });
});

describe('the features validator', () => {
  const features = { ociVersionMin: '1.0.0', ociVersionMax: '1.3.0' };

  test('takes null for every optional field', async () => {
    const { validate } = await import(join(outDir, 'validate-features.js'));
    expect(validate({ ...features, hooks: null, linux: null })).toBeNull();
    expect(validate({ ...features, linux: { seccomp: null, cgroup: { v1: null } } })).toBeNull();
    expect(validate({ ...features, linux: { cgroup: { v1: 1 } } })).not.toBeNull();
    expect(validate({ ociVersionMin: '1.0.0' })).not.toBeNull();
  });
});

describe('the schemas', () => {
  test('name a section of the specification wherever they describe an object', () => {
    for (const bundle of Object.values(bundles())) {
      for (const [name, schema] of Object.entries({ ...bundle.definitions, root: bundle })) {
        if (!scalars.includes(name)) expect(schema, name).toHaveProperty('x-spec');
      }
    }
  });

  test('allow unknown fields everywhere', () => {
    const text = JSON.stringify(Object.values(bundles()));
    expect(text).not.toContain('"additionalProperties":false');
    expect(text).not.toContain('unevaluatedProperties');
  });

  test('refer only to definitions that exist', () => {
    for (const bundle of Object.values(bundles())) {
      const refs = JSON.stringify(bundle).matchAll(/"\$ref":"([^"]*)"/g);
      for (const [, ref] of refs) {
        expect(ref).toMatch(/^#\/definitions\/\w+$/);
        expect(bundle.definitions).toHaveProperty(ref!.split('/')[2]!);
      }
    }
  });
});

describe('the generator of the quick validator', () => {
  const codeFor = (schema: object) =>
    acceptCode({ definitions: {}, type: 'object', properties: { x: schema as Schema } });

  test('stops at a keyword that it would ignore', () => {
    expect(() => codeFor({ type: 'string', maxLength: 3 })).toThrow('keyword maxLength');
  });

  test('stops at a type that it does not know', () => {
    expect(() => codeFor({ type: 'number' })).toThrow('type number');
  });

  test('stops at an integer without a range', () => {
    expect(() => codeFor({ type: 'integer' })).toThrow('range');
  });
});
