import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { profiles } from '../runner/profiles.js';
import { statements } from './all.js';
import { statementsIn } from './extract.js';

const repeated = (texts: readonly string[]): string[] =>
  texts.filter((text, index) => texts.indexOf(text) !== index);

describe.each(Object.entries(profiles))('the profile %s', (_, profile) => {
  const ids = profile.statements.map(({ id }) => id);
  const proved = new Set(profile.tests.flatMap(({ proves }) => proves));

  test('says in words what each statement demands', () => {
    expect(profile.statements.filter(({ says }) => says === '').map(({ id }) => id)).toEqual([]);
  });

  test('has a test for each statement, or a reason why there is none', () => {
    const neither = profile.statements.filter(
      ({ id, untestable }) => untestable === undefined && !proved.has(id),
    );
    expect(neither.map(({ id }) => id)).toEqual([]);
  });

  test('has no reason for what it tests', () => {
    const both = profile.statements.filter(({ id, untestable }) => untestable && proved.has(id));
    expect(both.map(({ id }) => id)).toEqual([]);
  });

  test('has no test of a statement that does not exist, and none that proves nothing', () => {
    expect([...proved].filter((id) => !ids.includes(id))).toEqual([]);
    expect(profile.tests.filter(({ proves }) => proves.length === 0).map(({ id }) => id)).toEqual(
      [],
    );
  });

  test('has identifiers that nothing else has', () => {
    expect(repeated(ids)).toEqual([]);
    expect(repeated(profile.tests.map(({ id }) => id))).toEqual([]);
  });
});

const specification = fileURLToPath(new URL('../../../shared/oci-runtime-spec/', import.meta.url));
const files = [...new Set(statements.map(({ file }) => file))];

// No text of the specification is part of this project: without a copy there is nothing to compare.
describe.skipIf(!existsSync(specification))('beside a copy of the specification', () => {
  test.each(files)('the statements of %s are those of the document, in its order', (file) => {
    const places = ({ heading, keyword, digest }: (typeof statements)[number]) =>
      `${heading}: ${keyword} ${digest}`;
    const found = statementsIn(file, readFileSync(`${specification}${file}`, 'utf8')).map(
      ({ heading, keyword, digest }) => `${heading}: ${keyword} ${digest}`,
    );
    const ours = statements.filter((statement) => statement.file === file).map(places);
    expect(ours.toSorted()).toEqual(found.toSorted());
  });
});
