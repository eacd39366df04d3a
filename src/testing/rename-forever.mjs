/**
 * Swaps what stands at PATH between a directory and the links beside it, as fast as it can, until
 * it is killed. Usage: rename-forever PATH LINK...
 */
import { renameSync } from 'node:fs';

const [path, ...links] = process.argv.slice(2);
process.stdout.write('ready\n');
for (;;) {
  for (const link of links) {
    renameSync(path, `${path}.directory`);
    renameSync(link, path);
    renameSync(path, link);
    renameSync(`${path}.directory`, path);
  }
}
