import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from '../../native/setup/paths.js';
import { passes } from './vm-tests.js';

const tests = ['src', 'conformance'].flatMap((folder) =>
  readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`),
);

test.each(passes)('what the virtual machine runs with $name is there', ({ files }) => {
  const missing = files.filter((file) => !tests.some((name) => name.startsWith(file)));
  expect(missing).toEqual([]);
});
