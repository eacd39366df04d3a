import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromJson, toJson } from './json.js';
import { passed, reportOf } from './results-of-tests.js';

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'runts-json-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'results.json');
  writeFileSync(path, text);
  return path;
}

describe('results as JSON', () => {
  test('are read as they were written', () => {
    const reports = [reportOf([passed('a/b', 'config/root/1')])];
    expect(fromJson(file(toJson(reports)))).toEqual(reports);
  });

  test('have a documented shape', () => {
    const [report] = JSON.parse(toJson([reportOf([passed('a/b')])])).reports;
    expect(Object.keys(report)).toEqual([
      'runtime',
      'profile',
      'specification',
      'host',
      'date',
      'seconds',
      'results',
    ]);
  });

  test.each(['', '[]', '{"format":0,"reports":[]}', '{"format":1}', 'null'])(
    'are not anything else: %s',
    (text) => expect(() => fromJson(file(text))).toThrow(/results\.json/),
  );

  test('are told when they are not there', () => {
    expect(() => fromJson('/nowhere/x.json')).toThrow('/nowhere/x.json');
  });
});
