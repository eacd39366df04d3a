import type { Engine } from '../host/engine.js';
import { createHost } from '../host/host.js';
import { openHow, writeText } from '../host/io.js';
import { AT_FDCWD, F_GETFD, O_RDWR } from '../linux/constants.js';
import { EBADF } from '../linux/errno.js';
import { silent } from '../log/logger.js';

export const STDOUT = 1;
export const STDERR = 2;

/**
 * Puts /dev/null where a caller closed a standard stream: the next file opened would take its
 * number, and the container would inherit it.
 */
export function openClosedStreams({ natives }: Engine): void {
  for (const fd of [0, STDOUT, STDERR]) {
    if (natives.fcntl(fd, F_GETFD, 0) === -EBADF) {
      natives.openat2(AT_FDCWD, '/dev/null', openHow(O_RDWR, 0, 0), 24);
    }
  }
}

/** Writes all of a text. A stream that cannot be written is an error of the caller's. */
export function print(engine: Engine, fd: number, text: string): void {
  writeText({ host: createHost(engine), log: silent }, fd, text);
}
