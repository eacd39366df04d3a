import { configSchema } from '../generated/schema-config.js';
import type { Spec } from '../generated/spec-types.js';
import { validate } from '../generated/validate-config.js';
import { complain } from './complaint.js';
import { complaintsOf } from './complaints.js';
import { parse, putExact } from './json.js';

export { unknownFields } from './unknown.js';

/**
 * Reads a document that is not plainly valid: it has nulls, or it is wrong; then every error is
 * told. Production loads this on demand, since it needs the schema and ajv's code.
 */
export function readOrExplain(text: string): Spec {
  const { value, exact } = parse(text);
  const errors = validate(value) && validate(dropNulls(value));
  putExact(exact);
  if (errors !== null) throw complain(complaintsOf(configSchema, value, errors));
  return value as Spec;
}

/**
 * Go writes an unset slice, map or pointer as null, and its readers take null for absent; so do we.
 * Elements of lists stay, and annotations: config.md#annotations wants texts, which Go never writes so.
 */
function dropNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const [key, member] of Object.entries(value)) {
    if (member === null && !Array.isArray(value)) Reflect.deleteProperty(value, key);
    else if (key !== 'annotations') dropNulls(member);
  }
  return value;
}
