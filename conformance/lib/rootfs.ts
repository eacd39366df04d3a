import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's busybox-static: needs nothing else in a root file system. */
const busybox = '/bin/busybox';

const applets = [
  ...['[', 'cat', 'chmod', 'chown', 'cp', 'cut', 'dd', 'df', 'echo', 'env', 'expr', 'false'],
  ...['find', 'grep', 'head', 'hexdump', 'hostname', 'id', 'ifconfig', 'ip', 'kill', 'ln', 'ls'],
  ...['mkdir', 'mkfifo', 'mknod', 'mount', 'mv', 'od', 'printf', 'ps', 'pwd', 'readlink', 'rm'],
  ...['sed', 'seq', 'sh', 'sleep', 'sort', 'stat', 'tail', 'tee', 'test', 'touch', 'tr', 'true'],
  ...['tty', 'umount', 'uname', 'usleep', 'wc', 'yes'],
];

const folders = ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp'];

let master: string | undefined;

/** A copy, since a container of root may write to whatever its files are linked to. */
function masterCopy(): string {
  if (master !== undefined) return master;
  const folder = mkdtempSync(join(tmpdir(), 'runts-busybox-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  master = join(folder, 'busybox');
  copyFileSync(busybox, master);
  return master;
}

/** A root file system of its own for each test: what a container does to it harms no other. */
export function makeRootfs(path: string): void {
  for (const name of folders) mkdirSync(join(path, name), { recursive: true });
  linkSync(masterCopy(), join(path, 'bin/busybox'));
  for (const name of applets) symlinkSync('busybox', join(path, 'bin', name));
  writeFileSync(join(path, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(path, 'etc/group'), 'root:x:0:\n');
}
