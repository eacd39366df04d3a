import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acceptCode } from './accept.js';
import { type Bundle, bundleSchema, without } from './bundle.js';
import { typesCode } from './types.js';
import { validateCode } from './validate.js';

/** What complaints look up: everything but the text that only types need. */
const forTypes = new Set(['$comment', 'description', 'tsType']);

const validateTypes = `import type { RawError } from '../spec/schema.js';
export function validate(data: unknown): null | RawError[];
`;
const acceptTypes = 'export function accepts(data: unknown): boolean;\n';
const schemaTypes = `import type { SchemaNode } from '../spec/schema.js';
export const configSchema: SchemaNode;
`;

export function bundles(): { config: Bundle; state: Bundle; features: Bundle } {
  return {
    config: bundleSchema('config.json', 'config-linux.json', 'config-vm.json'),
    state: bundleSchema('state.json'),
    features: bundleSchema('features.json'),
  };
}

/** The version of the specification that the schemas are written from. */
function version(): string {
  return readFileSync(new URL('VERSION', import.meta.url), 'utf8').trim();
}

/** Writes validators and types; returns the size of each file. */
export async function compileSchemas(outDir: string): Promise<Record<string, number>> {
  const { config, state, features } = bundles();
  const schema = JSON.stringify(without(config, forTypes));
  const files: Record<string, string> = {
    'accept-config.js': acceptCode(config),
    'accept-config.d.ts': acceptTypes,
    'validate-config.js': validateCode(config),
    'validate-config.d.ts': validateTypes,
    'validate-state.js': validateCode(state),
    'validate-state.d.ts': validateTypes,
    'validate-features.js': validateCode(features),
    'validate-features.d.ts': validateTypes,
    'schema-config.js': `export const configSchema = ${schema};\n`,
    'schema-config.d.ts': schemaTypes,
    'spec-version.ts': `export const specVersion = '${version()}';\n`,
    'spec-types.ts': await typesCode([config, state, features]),
  };
  mkdirSync(outDir, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(outDir, name), text);
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.length]));
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === self) {
  const outDir = process.argv[2] ?? fileURLToPath(new URL('../src/generated', import.meta.url));
  const sizes = Object.entries(await compileSchemas(outDir));
  process.stdout.write(sizes.map(([name, size]) => `${name} ${size}\n`).join(''));
}
