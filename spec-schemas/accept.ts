import { transformSync } from 'esbuild';
import type { Bundle, Schema } from './bundle.js';

/**
 * A validator that only says yes or no. `create` loads and runs it each time, and almost every
 * document is valid, so it has no words for errors: a tenth of the size of ajv's code, which is
 * loaded when this one says no. A test proves that both agree.
 *
 * It also says no to a 64-bit field with a number beyond 2^53: JSON.parse has rounded it, so the
 * document has to be read again with exact integers, which are bigints and pass.
 */
const helpers = `
const isObject = (x) => typeof x === 'object' && x !== null && !Array.isArray(x);
const isString = (x) => typeof x === 'string';
const isBoolean = (x) => typeof x === 'boolean';
const isListOf = (x, test) => Array.isArray(x) && x.every((item) => test(item));
const isMapOf = (x, test) => isObject(x) && Object.values(x).every((item) => test(item));
const isWithin = (x, min, max) => Number.isInteger(x) && x >= min && x <= max;
const isWide = (x, min, end) =>
  (typeof x === 'bigint' || Number.isSafeInteger(x)) && x >= min && x < end;
`;

const known = new Set([
  '$ref',
  '$schema',
  '$comment',
  'title',
  'description',
  'tsType',
  'x-spec',
  'x-allowed',
  'x-missing',
  'definitions',
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'minimum',
  'maximum',
  'exclusiveMaximum',
  'minItems',
  'pattern',
]);

export function acceptCode({ definitions, ...root }: Bundle): string {
  const functions = Object.entries({ ...definitions, Document: root }).map(
    ([name, schema]) => `const is${name} = (x) => ${testOf(schema, 'x')};`,
  );
  const source = [helpers, ...functions, 'export const accepts = isDocument;'].join('\n');
  return transformSync(source, { format: 'esm', target: 'es2022', minify: true }).code;
}

/** An expression that is true when `x` fits the schema. */
function testOf(schema: Schema, x: string): string {
  const unknown = Object.keys(schema).find((key) => !known.has(key));
  if (unknown !== undefined) throw new Error(`accept.ts does not know the keyword ${unknown}`);
  if (schema.$ref !== undefined) return `is${schema.$ref.split('/').at(-1)}(${x})`;
  const test = testsByType[String(schema.type)];
  if (test === undefined) throw new Error(`accept.ts does not know the type ${schema.type}`);
  return test(schema, x);
}

const testsByType: Readonly<Record<string, (schema: Schema, x: string) => string>> = {
  boolean: (_, x) => `isBoolean(${x})`,
  string: stringTest,
  integer: integerTest,
  array: arrayTest,
  object: objectTest,
};

function stringTest(schema: Schema, x: string): string {
  if (schema.enum !== undefined) {
    return `(${schema.enum.map((word) => `${x} === ${JSON.stringify(word)}`).join(' || ')})`;
  }
  if (schema.pattern === undefined) return `isString(${x})`;
  return `(isString(${x}) && ${new RegExp(schema.pattern, 'u')}.test(${x}))`;
}

function integerTest({ minimum, maximum, exclusiveMaximum }: Schema, x: string): string {
  if (minimum === undefined) throw new Error('an integer needs a range');
  if (exclusiveMaximum !== undefined) return `isWide(${x}, ${minimum}, ${exclusiveMaximum})`;
  return `isWithin(${x}, ${minimum}, ${maximum})`;
}

function arrayTest({ items, minItems }: Schema, x: string): string {
  const each = items?.$ref === undefined ? `(x) => ${testOf(items!, 'x')}` : refName(items.$ref);
  const list = `isListOf(${x}, ${each})`;
  return minItems === undefined ? list : `(${list} && ${x}.length >= ${minItems})`;
}

function objectTest(schema: Schema, x: string): string {
  if (schema.additionalProperties !== undefined) {
    return `isMapOf(${x}, (x) => ${testOf(schema.additionalProperties, 'x')})`;
  }
  const required = new Set(schema.required);
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const test = testOf(property, `${x}.${name}`);
    return required.has(name) ? test : `(${x}.${name} === undefined || ${test})`;
  });
  return `(${[`isObject(${x})`, ...properties].join(' && ')})`;
}

function refName(ref: string): string {
  return `is${ref.split('/').at(-1)}`;
}
