import { type Complaint, foundText } from './complaint.js';
import type { RawError, SchemaNode } from './schema.js';

/** Words for the errors of a generated validator, from the schema that it was generated from. */
export function complaintsOf(
  schema: SchemaNode,
  value: unknown,
  errors: readonly RawError[],
): Complaint[] {
  return errors.map((error) => complaintOf(schema, value, error));
}

function complaintOf(schema: SchemaNode, value: unknown, error: RawError): Complaint {
  const missing = error.params.missingProperty;
  const at = typeof missing === 'string' ? `${error.instancePath}/${missing}` : error.instancePath;
  const { node, spec } = nodeAt(schema, at);
  const says = typeof missing === 'string' ? node['x-missing'] : undefined;
  return {
    at,
    found: foundText(valueAt(value, at)),
    allowed: allowedText(node),
    spec,
    ...(says !== undefined && { says }),
  };
}

function keysOf(at: string): string[] {
  const keys = at.split('/').slice(1);
  return keys.map((key) => key.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function valueAt(value: unknown, at: string): unknown {
  return keysOf(at).reduce(
    (holder: unknown, key) =>
      typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
        ? Reflect.get(holder, key)
        : undefined,
    value,
  );
}

interface Place {
  readonly node: SchemaNode;
  /** The innermost section that was named on the way. */
  readonly spec: string;
}

function nodeAt(schema: SchemaNode, at: string): Place {
  return keysOf(at).reduce(
    ({ node, spec }, key) => resolveNode(schema, stepNode(node, key) ?? {}, spec),
    resolveNode(schema, schema, ''),
  );
}

/** The schema of a member; undefined when it says nothing about that name. */
export function stepNode(node: SchemaNode, key: string): SchemaNode | undefined {
  const { properties, additionalProperties, items } = node;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return items ?? additionalProperties;
}

export function resolveNode(schema: SchemaNode, node: SchemaNode, spec: string): Place {
  const name = node.$ref?.split('/').at(-1);
  const target = name === undefined ? node : (schema.definitions?.[name] ?? {});
  return { node: target, spec: target['x-spec'] ?? spec };
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function allowedText(node: SchemaNode): string {
  if (node['x-allowed'] !== undefined) return node['x-allowed'];
  if (node.enum !== undefined) return `one of ${node.enum.map((word) => `"${word}"`).join(', ')}`;
  if (node.type === 'integer') return integerText(node);
  return typeNames[node.type ?? ''] ?? 'something else';
}

function integerText({ minimum, maximum, exclusiveMaximum }: SchemaNode): string {
  const top = maximum ?? (exclusiveMaximum && BigInt(exclusiveMaximum) - 1n);
  return `an integer from ${minimum && BigInt(minimum)} to ${top}`;
}
