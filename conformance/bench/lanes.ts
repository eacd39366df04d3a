import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint } from '../../native/setup/complaint.js';
import { distRunts, findProgram } from '../../native/setup/paths.js';
import type { Site } from './site.js';
import type { Verb } from './tasks.js';

/** One of those that are compared. */
export interface Lane {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  /** Undefined for what it cannot do. */
  readonly command: (verb: Verb, id: string) => readonly string[] | undefined;
}

export const own = 'runts';
export const floorName = 'floor';
const rivals = ['runc', 'crun'];

/** Ours first, then the rivals that are installed, then what the caller names. */
export function findRuntimes(site: Site, named: Readonly<Record<string, string>>): readonly Lane[] {
  const found = rivals.map((name) => [name, findProgram(name)] as const);
  const programs = { [own]: distRunts, ...Object.fromEntries(found), ...named };
  return Object.entries(programs)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, path]) => runtimeLane(site, name, path));
}

function runtimeLane(site: Site, name: string, path: string): Lane {
  if (!existsSync(path))
    throw new Complaint(`There is no ${path}: npm run build makes dist/runts.`);
  const root = join(site.folder, `state-${name}`);
  const command = (verb: Verb, id: string) => {
    if (verb === 'forget') return ['/bin/rm', '-rf', join(root, '.cache')];
    return [path, '--root', root, ...verbs[verb](id, site.bundleOf(id))];
  };
  return { name, path, version: versionOf(path), command };
}

const verbs: Readonly<
  Record<Exclude<Verb, 'forget'>, (id: string, bundle: string) => readonly string[]>
> = {
  run: (id, bundle) => ['run', '--bundle', bundle, id],
  create: (id, bundle) => ['create', '--bundle', bundle, '--pid-file', pidFile(bundle), id],
  start: (id) => ['start', id],
  kill: (id) => ['kill', id, 'KILL'],
  delete: (id) => ['delete', id],
  'delete-force': (id) => ['delete', '--force', id],
  state: (id) => ['state', id],
  exec: (id) => ['exec', id, '/bin/true'],
  list: () => ['list'],
};

/** Every engine asks for one. */
export function pidFile(bundle: string): string {
  return join(bundle, 'pid');
}

function versionOf(path: string): string {
  const { stdout, status } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const [first] = (stdout ?? '').split('\n');
  if (status !== 0 || !first) throw new Complaint(`${path} --version failed.`);
  return first;
}

const floorVerbs: readonly Verb[] = ['run', 'create', 'start', 'delete'];

/** No runtime at all: what its program does is fixed, and ends by itself. */
export function floorLane(site: Site, path: string, hierarchies: readonly string[]): Lane {
  const command = (verb: Verb, id: string) => {
    if (!floorVerbs.includes(verb)) return undefined;
    return [path, verb, site.folder, id, ...hierarchies];
  };
  return { name: floorName, path, version: 'the same system calls in plain C', command };
}
