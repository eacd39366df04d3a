import { configSchema } from '../generated/schema-config.js';
import type { Spec } from '../generated/spec-types.js';
import { pointer } from './complaint.js';
import { resolveNode, stepNode } from './complaints.js';
import type { SchemaNode } from './schema.js';

/**
 * JSON pointers of the fields that the specification does not name (config.md#extensibility: they
 * are to be ignored). Only worth computing when someone will read the list.
 */
export function unknownFields(spec: Spec): string[] {
  return search(configSchema, spec, []);
}

function search(node: SchemaNode, value: unknown, keys: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { node: target } = resolveNode(configSchema, node, '');
  return Object.entries(value).flatMap(([key, member]) => {
    const inner = [...keys, key];
    const known = stepNode(target, key);
    if (known !== undefined) return search(known, member, inner);
    // Another platform's object has no properties in our schema: nothing is unknown there.
    return target.properties === undefined ? [] : [pointer(...inner)];
  });
}
