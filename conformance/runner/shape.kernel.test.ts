import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { placeProbe } from './shape.js';

test('what a broken runtime does to the mode of a probe harms no later test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runts-shape-'));
  try {
    const [first, later] = [join(folder, 'first'), join(folder, 'later')];
    placeProbe(first);
    chmodSync(first, 0o700);
    placeProbe(later);
    expect(statSync(later).mode & 0o7777).toBe(0o755);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
