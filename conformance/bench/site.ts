import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Complaint } from '../../native/setup/complaint.js';
import { findBusybox } from '../../native/setup/requirements.js';
import { benchConfig, type Choices } from './config.js';

/** Where a benchmark keeps everything, and what all its names on the host begin with. */
export interface Site {
  readonly folder: string;
  readonly prefix: string;
  readonly rootfs: string;
  /** What the commands had to complain about. */
  readonly complaints: string;
  readonly bundleOf: (id: string) => string;
}

const folders = ['bin', 'dev', 'proc', 'sys', 'tmp'];
const applets = ['sleep', 'true'];

/** Makes the temporary folder with a root file system of one static program. */
export function makeSite(): Site {
  const busybox = findBusybox();
  if (busybox === undefined) throw new Complaint('There is no static busybox here.');
  const folder = mkdtempSync(join(tmpdir(), 'runts-bench-'));
  const rootfs = join(folder, 'rootfs');
  for (const name of folders) mkdirSync(join(rootfs, name), { recursive: true });
  copyFileSync(busybox, join(rootfs, 'bin/busybox'));
  for (const name of applets) symlinkSync('busybox', join(rootfs, 'bin', name));
  return {
    folder,
    prefix: basename(folder),
    rootfs,
    complaints: join(folder, 'complaints'),
    bundleOf: (id) => join(folder, id),
  };
}

export interface Container {
  readonly name: string;
  readonly program: 'true' | 'sleep';
  readonly memory?: number;
  readonly filtered?: boolean;
}

const commandLines = { true: ['/bin/true'], sleep: ['/bin/sleep', '1000'] };

/** Writes a bundle on the common root file system and returns the id of its container. */
export function makeBundle(
  site: Site,
  { name, program, memory, filtered = false }: Container,
): string {
  const id = `${site.prefix}-${name}`;
  const limit: Pick<Choices, 'memory'> = memory === undefined ? {} : { memory };
  const config = benchConfig({
    id,
    rootfs: site.rootfs,
    args: commandLines[program],
    filtered,
    ...limit,
  });
  mkdirSync(site.bundleOf(id), { recursive: true });
  writeFileSync(join(site.bundleOf(id), 'config.json'), JSON.stringify(config, null, 2));
  return id;
}
