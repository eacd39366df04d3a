import { RuntimeError } from '../errors/error.js';
import type { CgroupRecord } from './driver.js';
import { components } from './path.js';

interface Wanted {
  /** Empty: wherever nobody else is named. */
  readonly controllers: readonly string[];
  readonly path: string;
}

function parse(text: string): Wanted {
  const colon = text.indexOf(':');
  const controllers = colon < 0 ? [] : text.slice(0, colon).split(',');
  const path = text.slice(colon + 1);
  const parts = components(path);
  const leaves = path.split('/').includes('..') || path.includes('\n');
  if (leaves) throw new RuntimeError('usage', `bad sub cgroup path: ${path}`);
  return { controllers, path: parts.map((part) => `/${part}`).join('') };
}

function checkControllers(record: CgroupRecord, wanted: readonly Wanted[]): void {
  const known = record.directories.flatMap(({ controllers }) => controllers);
  for (const name of wanted.flatMap(({ controllers }) => controllers))
    if (!known.includes(name))
      throw new RuntimeError('usage', `unknown controller ${name} in a sub cgroup`, {
        hint:
          record.mode === 'v2'
            ? 'in cgroup v2 there is one path, without controllers'
            : `there are ${known.join(', ')}`,
      });
}

/** runc's `exec --cgroup [controller,…:]path`: cgroups below the container's own, which must be there. */
export function subCgroups(record: CgroupRecord, texts: readonly string[]): CgroupRecord {
  if (texts.length === 0) return record;
  const wanted = texts.map(parse);
  checkControllers(record, wanted);
  const general = wanted.findLast(({ controllers }) => controllers.length === 0)?.path ?? '';
  const below = (controllers: readonly string[]) =>
    wanted.findLast((each) => each.controllers.some((name) => controllers.includes(name)))?.path;
  const directories = record.directories.map((directory) => ({
    ...directory,
    path: directory.path + (below(directory.controllers) ?? general),
  }));
  return { ...record, directories };
}
