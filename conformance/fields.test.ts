import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../native/setup/paths.js';
import { documentedFields, expand, type FieldRow, schemaFields } from './lib/fields.js';
import { refusals } from './lib/refusals.js';

const schema = schemaFields();
const rows = documentedFields();

/** What is refused or ignored is so with all below it; what is applied is told field by field. */
const covers = ({ fields, files }: FieldRow, field: string): boolean =>
  fields.some((each) => each === field || (files.length === 0 && field.startsWith(`${each}/`)));

const textsOf = (found: readonly FieldRow[]) => found.map(({ text }) => text);

/** A title begins where a string begins. */
const hasTest = (file: string, name: string): boolean => {
  const path = join(root, file);
  const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}`));
};

const mayBeIgnored = [
  ...['/freebsd', '/solaris', '/windows', '/zos'],
  ...['/process/commandLine', '/process/user/username'],
  // Linux has it no longer, and callers still send it.
  '/linux/resources/memory/kernel',
];

describe('docs/fields.md', () => {
  test('has a row for every field of the schemas', () => {
    expect(schema.length).toBeGreaterThan(150);
    expect(schema.filter((field) => !rows.some((row) => covers(row, field)))).toEqual([]);
  });

  test('has one row for each field, and none for what is no field', () => {
    const twice = schema.filter((field) => rows.filter((row) => covers(row, field)).length > 1);
    expect(twice).toEqual([]);
    const none = rows.filter(({ fields, files }) =>
      fields.some(
        (each) =>
          !schema.some((field) => covers({ text: '', fields: [each], files, proofs: [] }, field)),
      ),
    );
    expect(textsOf(none)).toEqual([]);
  });

  test('is sorted', () => {
    expect(textsOf(rows)).toEqual(textsOf(rows).sort());
  });

  test('names files that exist, or says why the field is not applied', () => {
    const missing = rows.flatMap(({ files }) =>
      files.filter((file) => !existsSync(join(root, file))),
    );
    expect(missing).toEqual([]);
    const silent = rows.filter(({ files, refused, ignored }) => {
      return files.length === 0 && refused === undefined && ignored === undefined;
    });
    expect(textsOf(silent)).toEqual([]);
  });

  test('names a test for each row, by file and title', () => {
    expect(textsOf(rows.filter(({ proofs }) => proofs.length === 0))).toEqual([]);
    const gone = rows.flatMap(({ proofs }) =>
      proofs.filter(({ file, name }) => !hasTest(file, name)),
    );
    expect(gone).toEqual([]);
  });

  test('calls refused what the source refuses, with its reason, and nothing else', () => {
    const pointerOf = (pointer: string) => pointer.replace(/^\/mounts\/0/, '/mounts/*');
    const inSource = refusals().map(({ pointer, type, reason }) =>
      type === undefined
        ? [pointerOf(pointer), reason]
        : [`/linux/namespaces/*/type: ${type}`, reason],
    );
    const inDocument = rows.flatMap(({ fields, refused }) =>
      refused === undefined ? [] : fields.map((field) => [field, refused]),
    );
    expect(inDocument.sort()).toEqual(inSource.sort());
  });

  test('ignores nothing but what belongs to other platforms, or has no meaning here', () => {
    const ignored = rows.filter((row) => row.ignored !== undefined).flatMap((row) => row.fields);
    expect(ignored.filter((field) => !mayBeIgnored.includes(field))).toEqual([]);
  });
});

test('braces hold alternatives', () => {
  expect(expand('/a/{b,c/*}/{d,e}')).toEqual(['/a/b/d', '/a/b/e', '/a/c/*/d', '/a/c/*/e']);
  expect(expand('/a')).toEqual(['/a']);
});
