import { execFileSync } from 'node:child_process';
import { quietly } from '../../native/setup/run.js';

const MiB = 1 << 20;

/** An image of a file system with all of a folder in it, and room for more. It needs no mount. */
export async function makeDisk(folder: string, file: string, spare: number): Promise<void> {
  const used = execFileSync('du', ['--summarize', '--bytes', folder], { encoding: 'utf8' });
  // Inodes and half-filled blocks of many small files.
  const size = Math.ceil((Number.parseInt(used, 10) * 1.25) / MiB) + spare;
  const options = ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-E', 'lazy_itable_init=1'];
  await quietly('Making a disk image', 'mke2fs', [...options, '-d', folder, file, `${size}M`]);
}
