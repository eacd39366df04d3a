import { during } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { openAt, writeAtomically } from '../host/io.js';
import { AT_FDCWD, O_DIRECTORY, O_PATH } from '../linux/constants.js';
import { nameOf, parentOf } from '../plan/path.js';

/** Decimal digits and nothing else, whole from the moment that the file is there. */
export function writePidFile(context: Context, path: string, pid: number): void {
  during(`write the pid file ${path}`, () => {
    using directory = openAt(context, AT_FDCWD, parentOf(path), O_PATH | O_DIRECTORY);
    const bytes = context.host.engine.encode(String(pid));
    writeAtomically(context, directory.number, nameOf(path), bytes, 0o666);
  });
}

export function removePidFile(context: Context, path: string): void {
  context.host.raw.unlinkat(AT_FDCWD, path, 0);
}
