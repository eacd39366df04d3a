import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot as root } from './setup/paths.js';

/** The commit that is built; empty outside a repository (a source archive). */
function commit(): string {
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] } as const;
    return execFileSync('git', ['rev-parse', 'HEAD'], options).trim();
  } catch {
    return '';
  }
}

export function writeBuildInfo(): void {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  mkdirSync(join(root, 'src/generated'), { recursive: true });
  const text = `export const version = '${version}';\nexport const commit = '${commit()}';\n`;
  writeFileSync(join(root, 'src/generated/build-info.ts'), text);
}
