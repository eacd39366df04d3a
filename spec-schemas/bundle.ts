import { readFileSync } from 'node:fs';

/** The JSON Schema words that our schemas use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly if?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** A document whose references all point into itself. */
export type Bundle = Schema & { readonly definitions: Readonly<Record<string, Schema>> };

/** Words for people; validators do without them. */
const prose = new Set([
  '$comment',
  'description',
  'title',
  'tsType',
  'x-spec',
  'x-allowed',
  'x-missing',
]);

function read(name: string): Schema {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

/** Joins schema files: `other.json#/definitions/X` becomes `#/definitions/X`. */
export function bundleSchema(root: string, ...others: string[]): Bundle {
  const schemas = [root, ...others].map(read);
  const definitions = Object.assign({}, ...schemas.map((schema) => schema.definitions));
  return JSON.parse(JSON.stringify({ ...schemas[0], definitions }), (key, value) =>
    key === '$ref' ? value.replace(/^[^#]*/, '') : value,
  );
}

/** Leaves out `keys`, but never a property or definition that happens to have such a name. */
export function without(node: unknown, keys: ReadonlySet<string>, named = false): unknown {
  if (Array.isArray(node)) return node.map((item) => without(item, keys));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => named || !keys.has(key))
      .map(([key, value]) => [
        key,
        without(value, keys, !named && (key === 'properties' || key === 'definitions')),
      ]),
  );
}

export function stripProse(bundle: Bundle): Bundle {
  return without(bundle, prose) as Bundle;
}
