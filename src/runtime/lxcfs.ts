import { asRuntimeError, RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import type { Context } from '../host/host.js';
import { listDirectory, openIfThere } from '../host/io.js';
import { fileSystemOf } from '../host/stat.js';
import { AT_FDCWD, FUSE_SUPER_MAGIC, O_DIRECTORY, O_RDONLY } from '../linux/constants.js';
import type { LxcfsFacts } from '../plan/facts.js';
import { lxcfsFiles, lxcfsPlace } from '../plan/lxcfs.js';
import { annotation } from '../spec/annotations.js';

const missing = (place: string, why: string): RuntimeError =>
  new RuntimeError('host', `no lxcfs at ${place}: ${why}`, {
    at: `/annotations/${annotation.lxcfs}`,
    hint: `start lxcfs, or give the annotation ${annotation.lxcfs} the path at which it is mounted`,
  });

/** A plain directory of that name would show the container whatever lies in it. */
function filesAt(context: Context, place: string): readonly string[] {
  using proc = openIfThere(context, AT_FDCWD, `${place}/proc`, O_RDONLY | O_DIRECTORY);
  if (proc === null) throw missing(place, 'it has no directory proc');
  if (fileSystemOf(context, proc.number) !== FUSE_SUPER_MAGIC)
    throw missing(place, 'nothing of type FUSE is mounted there');
  const names = listDirectory(context, proc.number).map(({ name }) => name);
  const files = lxcfsFiles.filter((name) => names.includes(name));
  if (files.length === 0) throw missing(place, 'none of the files of /proc is there');
  return files;
}

/** What the annotation asks for, or null. A FUSE whose program is gone answers with errors. */
export function probeLxcfs(context: Context, spec: Spec): LxcfsFacts | null {
  const place = lxcfsPlace(spec);
  if (place === null) return null;
  try {
    return { place, files: filesAt(context, place) };
  } catch (thrown) {
    const { call } = asRuntimeError(thrown);
    if (call === undefined) throw thrown;
    throw missing(place, 'it does not answer');
  }
}
