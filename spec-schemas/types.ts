import { compile } from 'json-schema-to-typescript';
import { type Bundle, without } from './bundle.js';

const forComplaints = new Set(['x-spec', 'x-allowed', 'x-missing']);

/** One module with the types of all documents. */
export async function typesCode(schemas: readonly Bundle[]): Promise<string> {
  const parts = await Promise.all(schemas.map(typesOf));
  return parts.join('\n');
}

function typesOf(schema: Bundle): Promise<string> {
  const plain = without(schema, forComplaints) as Parameters<typeof compile>[0];
  return compile(plain, 'Document', {
    additionalProperties: false,
    bannerComment: '',
    strictIndexSignatures: false,
    unreachableDefinitions: false,
  });
}
