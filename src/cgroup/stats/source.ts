import { asRuntimeError } from '../../errors/error.js';
import type { Context } from '../../host/host.js';
import { listDirectory, openIfThere } from '../../host/io.js';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY } from '../../linux/constants.js';
import { errno } from '../../linux/errno.js';
import type { CgroupRecord } from '../driver.js';
import { readRecord } from '../files.js';

/** The files of a container's cgroups that count what it uses. */
export interface Source {
  /** cgroup v2 alone. */
  readonly unified: boolean;
  /** Empty where there is no such controller, or no such file. */
  text(controller: string, file: string): string;
  /** Names of the files that a controller has. */
  names(controller: string): string[];
}

function textOf(context: Context, path: string): string {
  try {
    return readRecord(context, path) ?? '';
  } catch (thrown) {
    // Pressure that a kernel could measure, but was told not to: psi=0.
    if (asRuntimeError(thrown).call?.errno === errno.EOPNOTSUPP) return '';
    throw thrown;
  }
}

export function sourceOf(context: Context, { mode, directories }: CgroupRecord): Source {
  const unified = directories.find(({ controllers }) => controllers.length === 0);
  const pathOf = (controller: string): string | undefined =>
    (directories.find(({ controllers }) => controllers.includes(controller)) ?? unified)?.path;
  return {
    unified: mode === 'v2',
    text: (controller, file) => {
      const path = pathOf(controller);
      return path === undefined ? '' : textOf(context, `${path}/${file}`);
    },
    names: (controller) => {
      const path = pathOf(controller);
      if (path === undefined) return [];
      using directory = openIfThere(context, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
      if (directory === null) return [];
      return listDirectory(context, directory.number).map(({ name }) => name);
    },
  };
}

/** Text of one file; empty where there is none. */
export const readCgroupFile = (
  context: Context,
  record: CgroupRecord,
  controller: string,
  file: string,
): string => sourceOf(context, record).text(controller, file);
