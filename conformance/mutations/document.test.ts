import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { withTables } from './document.js';
import { mutations } from './tables.js';

const path = fileURLToPath(new URL('../../docs/mutations.md', import.meta.url));

describe('docs/mutations.md', () => {
  test('has every mutation (WRITE_MUTATIONS=1 writes them)', () => {
    const text = readFileSync(path, 'utf8');
    const wanted = withTables(text, mutations);
    if (process.env.WRITE_MUTATIONS === '1') writeFileSync(path, wanted);
    else expect(text).toBe(wanted);
  });
});
