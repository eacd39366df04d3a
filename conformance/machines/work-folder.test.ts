import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeStale, workFolder } from './work-folder.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runts-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A folder by another name than its maker gave it. */
function folderNamed(name: string, daysOld = 0): string {
  const path = join(folder, name);
  mkdirSync(path);
  const time = Date.now() / 1000 - daysOld * 86_400;
  utimesSync(path, time, time);
  return path;
}

test('a folder in use stays', () => {
  const mine = workFolder(join(folder, 'vm-1'));
  removeStale(join(folder, 'vm-'));
  expect(existsSync(mine)).toBe(true);
});

test('a folder whose maker has ended, or whose pid is another’s, goes', () => {
  const mine = basename(workFolder(join(folder, 'vm-1')));
  const [, owner = ''] = mine.split('.');
  const [where, pid, start] = owner.split('-');
  const ended = spawnSync('true').pid;
  const stale = [
    folderNamed(`vm-2.${where}-${ended}-${start}.abcdef`),
    folderNamed(`vm-2.${where}-${pid}-${Number(start) + 1}.abcdef`),
  ];
  removeStale(join(folder, 'vm-'));
  expect(stale.filter(existsSync)).toEqual([]);
});

test('a folder of somebody who cannot be seen stays for a day', () => {
  const names = ['vm-1.1-1-1.abcdef', 'vm-1.abcdef'];
  const fresh = names.map((name) => folderNamed(name));
  const old = names.map((name) => folderNamed(name.replace('1', '2'), 2));
  removeStale(join(folder, 'vm-'));
  expect(fresh.filter(existsSync)).toEqual(fresh);
  expect(old.filter(existsSync)).toEqual([]);
});

test('what was not made for work stays, however old', () => {
  const kept = ['vm-12345678', 'quickjs-2025.04.26-ec81da5b', 'other.abcdef'].map((name) =>
    folderNamed(name, 100),
  );
  removeStale(join(folder, 'vm-'));
  expect(kept.filter(existsSync)).toEqual(kept);
});
