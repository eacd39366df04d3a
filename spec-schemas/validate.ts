import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { buildSync } from 'esbuild';
import { type Bundle, stripProse } from './bundle.js';

/**
 * The complete validator: every error of a document, for the complaints that people read.
 * No messages: complaints are worded from the schema, see src/spec/complaints.ts.
 */
export function validateCode(schema: Bundle): string {
  const ajv = new Ajv({
    allErrors: true,
    inlineRefs: false,
    messages: false,
    meta: false,
    validateSchema: false,
    allowUnionTypes: true,
    strictTypes: false,
    code: { source: true, esm: true },
  });
  return bundleModule(singleExport(standalone(ajv, ajv.compile(stripProse(schema)))));
}

/** ajv exports a function that answers yes or no and keeps its errors as a property. */
function singleExport(code: string): string {
  const exported = /export const validate = (\w+);export default \w+;/;
  const name = exported.exec(code)?.[1];
  if (name === undefined) throw new Error('ajv changed the shape of its stand-alone code');
  const wrapper = `export function validate(data) { return ${name}(data) ? null : ${name}.errors; }`;
  return `${code.replace(exported, '')}\n${wrapper}\n`;
}

/** One module without imports: ajv's helpers are packed in. */
function bundleModule(contents: string): string {
  const result = buildSync({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
  });
  return result.outputFiles[0]!.text;
}
