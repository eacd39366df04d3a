import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Complaint } from '../../native/setup/complaint.js';
import { findBusybox } from '../../native/setup/requirements.js';
import { demoConfig } from './config.js';

const folders = ['bin', 'dev', 'proc', 'sys', 'tmp'];
const applets = ['cat', 'hostname', 'id', 'readlink', 'sh'];

/** A root file system of one static program, and the configuration beside it. */
export function makeBundle(folder: string, id: string): void {
  const busybox = findBusybox();
  if (busybox === undefined) throw new Complaint('There is no static busybox here.');
  const rootfs = join(folder, 'rootfs');
  for (const name of folders) mkdirSync(join(rootfs, name), { recursive: true });
  copyFileSync(busybox, join(rootfs, 'bin/busybox'));
  for (const name of applets) symlinkSync('busybox', join(rootfs, 'bin', name));
  const script = fileURLToPath(new URL('greeting.sh', import.meta.url));
  copyFileSync(script, join(rootfs, 'greeting.sh'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(demoConfig(id), null, 2));
}
