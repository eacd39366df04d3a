import { during, RuntimeError } from '../errors/error.js';
import type { IdMapping } from '../generated/spec-types.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { readTextAt } from '../host/io.js';
import { capabilityBit, has } from '../linux/capabilities.js';
import { mapText } from '../plan/enter.js';
import type { Facts } from '../plan/facts.js';
import type { UserPlan } from '../plan/plan.js';
import { runHelper } from './helper.js';
import { writeMap } from './user-namespace.js';

/** One of the two maps of a user namespace. */
interface Kind {
  readonly file: 'uid_map' | 'gid_map';
  readonly helper: 'newuidmap' | 'newgidmap';
  readonly at: string;
  /** Who has it writes what it likes, user_namespaces(7). */
  readonly capability: string;
  readonly ids: (user: UserPlan) => readonly IdMapping[];
  /** The id that anybody may map: the own one. */
  readonly own: (facts: Facts) => number;
}

const kinds: readonly Kind[] = [
  {
    file: 'gid_map',
    helper: 'newgidmap',
    at: '/linux/gidMappings',
    capability: 'CAP_SETGID',
    ids: ({ gids }) => gids,
    own: ({ egid }) => egid,
  },
  {
    file: 'uid_map',
    helper: 'newuidmap',
    at: '/linux/uidMappings',
    capability: 'CAP_SETUID',
    ids: ({ uids }) => uids,
    own: ({ euid }) => euid,
  },
];

const isOwn = (ids: readonly IdMapping[], own: number): boolean =>
  ids.length === 1 && ids[0]!.hostID === own && ids[0]!.size === 1;

/** newuidmap(1): what /etc/subuid and /etc/subgid allow this user. */
function askHelper(context: Context, pid: number, kind: Kind, ids: readonly IdMapping[]): void {
  const numbers = ids.flatMap(({ containerID, hostID, size }) => [containerID, hostID, size]);
  runHelper(context, kind.helper, [pid, ...numbers].map(String), {
    missing: 'install the package uidmap: this user may map its own id alone without it',
    failed: `see /etc/sub${kind.file.slice(0, 3)} for what this user may map`,
  });
}

function writeIds(
  context: Context,
  proc: Fd,
  pid: number,
  kind: Kind,
  user: UserPlan,
  facts: Facts,
) {
  const ids = kind.ids(user);
  const write = (file: string, text: string) => writeMap(context, proc, `${pid}/${file}`, text);
  if (has(facts.capabilities, capabilityBit(kind.capability)))
    return write(kind.file, mapText(ids));
  if (!isOwn(ids, kind.own(facts))) return askHelper(context, pid, kind, ids);
  // user_namespaces(7): groups could be dropped to get at what is denied to them.
  if (kind.file === 'gid_map') write('setgroups', 'deny');
  return write(kind.file, mapText(ids));
}

/** Gives the ids of a new user namespace their meaning. */
export function writeMaps(
  context: Context,
  proc: Fd,
  pid: number,
  user: UserPlan,
  facts: Facts,
): void {
  for (const kind of kinds)
    during(`write ${kind.file}`, () => writeIds(context, proc, pid, kind, user, facts), kind.at);
}

/** The kernel keeps the lines in an order of its own. */
const normal = (lines: readonly string[]): string =>
  lines
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '')
    .sort()
    .join('\n');

/** Engines write the mappings of a namespace that is joined once more: others would not hold. */
export function compareMaps(context: Context, proc: Fd, pid: number, user: UserPlan): void {
  for (const { file, ids, at } of kinds) {
    if (ids(user).length === 0) continue;
    const found = readTextAt(context, proc.number, `${pid}/${file}`).split('\n');
    if (normal(found) === normal(mapText(ids(user)).split('\n'))) continue;
    throw new RuntimeError(
      'invalid-config',
      'unable to apply both a path of a user namespace and other mappings than it has',
      { at, hint: `the namespace has ${normal(found).replaceAll('\n', ', ')}` },
    );
  }
}
