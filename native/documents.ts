import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bashCompletion, zshCompletion } from '../src/cli/completion.js';
import { manPage } from '../src/cli/man.js';
import { root } from './setup/paths.js';

/** Manual and completion, from the same rows as the help. */
export function documents(version: string): void {
  const folder = join(root, 'dist/completion');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, 'dist/runts.8'), manPage(version));
  writeFileSync(join(folder, 'runts.bash'), bashCompletion());
  writeFileSync(join(folder, '_runts'), zshCompletion());
}
