import { copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kept } from './kept.js';

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

/** A copy, since a container of root may write to whatever its files are linked to. */
const masterCopy = (): string => kept('busybox', busybox, (copy) => copyFileSync(busybox, copy));

/** The kept copy may lie on another file system than the root, where nothing can be linked to it. */
function place(path: string): void {
  const copy = masterCopy();
  try {
    linkSync(copy, path);
  } catch {
    copyFileSync(copy, path);
  }
}

/** A root file system of its own for each test: what a container does to it harms no other. */
export function makeRootfs(path: string): void {
  for (const name of folders) mkdirSync(join(path, name), { recursive: true });
  place(join(path, 'bin/busybox'));
  for (const name of applets) symlinkSync('busybox', join(path, 'bin', name));
  writeFileSync(join(path, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(path, 'etc/group'), 'root:x:0:\n');
}
