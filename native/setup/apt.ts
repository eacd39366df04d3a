import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AptSource, parseDeb822, parseOneLine } from './apt-sources.js';

/** A folder of apt's configuration, as apt itself resolves it. */
export function aptFolder(key: string): string {
  return askApt(`${key}/d`);
}

function askApt(key: string): string {
  const answer = execFileSync('apt-config', ['shell', 'ANSWER', key], { encoding: 'utf8' });
  return /^ANSWER='(.*)'$/m.exec(answer)?.[1] ?? '';
}

/** Every package source that this machine is set up for, in apt's order: sources.list(5). */
export function aptSources(): readonly AptSource[] {
  const main = askApt('Dir::Etc::SourceList/f');
  const parts = aptFolder('Dir::Etc::SourceParts');
  const names = existsSync(parts) ? readdirSync(parts).sort() : [];
  const files = [main, ...names.map((name) => join(parts, name))].filter((path) =>
    existsSync(path),
  );
  return files.flatMap(sourcesIn);
}

function sourcesIn(path: string): readonly AptSource[] {
  if (path.endsWith('.list')) return parseOneLine(readFileSync(path, 'utf8'));
  if (path.endsWith('.sources')) return parseDeb822(readFileSync(path, 'utf8'));
  return [];
}
