import { attempt, type Context } from '../host/host.js';
import { openIfThere } from '../host/io.js';
import { waitFor } from '../host/process.js';
import { AT_FDCWD, O_RDONLY, POLLPRI, SEEK_SET } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { CgroupRecord } from './driver.js';

/** Somebody else has removed the cgroup: systemd, when its unit ends. */
const GONE = [errno.ENODEV];

/** The wait for processes that are dying to leave their cgroups. */
export interface EmptinessWatch extends Disposable {
  /** Ends after so many milliseconds, or as soon as the last process has left. */
  wait(ms: number): void;
}

/**
 * The unified hierarchy tells when the last process has gone (cgroup.events in cgroup-v2.rst), from
 * v1's too, which it leaves with it. v1 alone tells nobody: there the caller just looks again.
 */
export function watchEmptiness(context: Context, { directories }: CgroupRecord): EmptinessWatch {
  const unified = directories.find(({ controllers }) => controllers.length === 0);
  const file =
    unified === undefined
      ? null
      : openIfThere(context, AT_FDCWD, `${unified.path}/cgroup.events`, O_RDONLY);
  const buffer = new Uint8Array(4096);
  /** kernfs wakes for what has changed since the last read from this descriptor. */
  const isPopulated = (fd: number): boolean => {
    if (attempt(context, GONE, 'lseek', fd, 0, SEEK_SET) < 0) return false;
    const length = attempt(context, GONE, 'read', fd, buffer, buffer.length);
    const text = context.host.engine.decode(buffer.subarray(0, Math.max(0, length)));
    return text.includes('populated 1');
  };
  return {
    wait(ms) {
      const waits = file !== null && isPopulated(file.number);
      waitFor(context, waits ? [{ fd: file.number, events: POLLPRI }] : [], ms);
    },
    [Symbol.dispose]: () => file?.[Symbol.dispose](),
  };
}
