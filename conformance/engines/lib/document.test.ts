import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../native/setup/paths.js';
import { chapters } from '../chapters.js';
import { differences } from './differences.js';
import { withTables } from './document.js';

const path = join(root, 'docs/engines.md');

describe('docs/engines.md', () => {
  test('has every case and every known difference (WRITE_ENGINES=1 writes them)', () => {
    const text = readFileSync(path, 'utf8');
    const wanted = withTables(text, chapters);
    if (process.env.WRITE_ENGINES === '1') writeFileSync(path, wanted);
    else expect(text).toBe(wanted);
  });

  test('knows no difference of a case that there is not', () => {
    const known = new Set(
      chapters.flatMap(({ engine, cases }) => cases.map(({ name }) => `${engine}: ${name}`)),
    );
    const stale = differences.filter(({ engine, name }) => !known.has(`${engine}: ${name}`));
    expect(stale.map(({ name }) => name)).toEqual([]);
  });

  test.each(chapters)('names each case of $engine once', ({ cases }) => {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
