import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { coveragePage } from './coverage.js';

const path = fileURLToPath(new URL('../../docs/conformance-coverage.md', import.meta.url));

test('docs/conformance-coverage.md is that of now (WRITE_COVERAGE=1 writes it)', () => {
  const wanted = coveragePage();
  if (process.env.WRITE_COVERAGE === '1') writeFileSync(path, wanted);
  else expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(wanted);
});
