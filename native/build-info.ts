import { execFileSync, type StdioOptions } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup/paths.js';

/** The commit that is built; empty outside a repository (a source archive). */
function commit(): string {
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    const options = { cwd: root, encoding: 'utf8', stdio } as const;
    return execFileSync('git', ['rev-parse', 'HEAD'], options).trim();
  } catch {
    return '';
  }
}

/** Answers the version. */
export function writeBuildInfo(): string {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  mkdirSync(join(root, 'src/generated'), { recursive: true });
  const text = `export const version = '${version}';\nexport const commit = '${commit()}';\n`;
  writeFileSync(join(root, 'src/generated/build-info.ts'), text);
  return version;
}
