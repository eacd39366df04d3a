import { RuntimeError } from '../errors/error.js';
import type { IdMapping, IdMappings, Mount, Spec } from '../generated/spec-types.js';
import type { IdmapPlan } from './plan.js';

/** The container's user namespace, as far as its configuration tells. */
export interface UserNamespace {
  /** '' when it is new. */
  readonly path: string;
  readonly uids: IdMappings;
  readonly gids: IdMappings;
}

export function userNamespaceOf({ linux }: Spec): UserNamespace | null {
  const found = (linux?.namespaces ?? []).find(({ type }) => type === 'user');
  if (found === undefined) return null;
  const { uidMappings: uids = [], gidMappings: gids = [] } = linux ?? {};
  return { path: found.path ?? '', uids, gids };
}

/** `idmap`, `idmap=…`, `ridmap` or `ridmap=…` among the options, and where it stands. */
export interface IdmapWord {
  readonly at: string;
  /** What follows the equals sign, or null. */
  readonly value: string | null;
  readonly recursive: boolean;
}

const refuse = (at: string, message: string, hint: string): never => {
  throw new RuntimeError('invalid-config', message, { at, hint });
};

/** user_namespaces(7): the lines of uid_map. */
const lines = (ranges: IdMappings): string =>
  ranges.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');

type Users = Omit<IdmapPlan, 'recursive'>;

const made = (uids: IdMappings, gids: IdMappings): Users => ({
  path: '',
  uids: lines(uids),
  gids: lines(gids),
});

/** crun: `@` counts the second number from where the container's user namespace maps the first. */
function absolute(range: IdMapping, mappings: IdMappings, at: string, text: string): IdMapping {
  const { containerID: first } = range;
  const found = mappings.find(
    ({ containerID, size }) => first >= containerID && first < containerID + size,
  );
  if (found === undefined)
    return refuse(
      at,
      `the user namespace of the container does not map the ids of ${text}`,
      'an @ makes a mapping relative to /linux/uidMappings or /linux/gidMappings',
    );
  return { ...range, hostID: range.hostID + found.hostID - found.containerID };
}

function parseRange(text: string, mappings: IdMappings, at: string): IdMapping {
  const numbers = /^(@?)(\d{1,10})-(\d{1,10})-(\d{1,10})$/.exec(text);
  if (numbers === null || Number(numbers[4]) === 0)
    return refuse(at, `"${text}" is no range of ids`, 'write FROM-TO-LENGTH, as in 0-100000-65536');
  const [containerID = 0, hostID = 0, size = 0] = numbers.slice(2).map(Number);
  const range = { containerID, hostID, size };
  return numbers[1] === '@' ? absolute(range, mappings, at, text) : range;
}

/** crun's syntax, which Podman passes on: `uids=0-1-10#10-11-10;gids=0-100-10`. */
function parseValue(value: string, users: UserNamespace | null, at: string): Users {
  const parsed: { uids?: IdMappings; gids?: IdMappings } = {};
  for (const part of value.split(';')) {
    const [name = '', ranges] = part.split('=', 2);
    if ((name !== 'uids' && name !== 'gids') || ranges === undefined)
      return refuse(at, `"${part}" is neither uids= nor gids=`, 'write uids=0-1-10;gids=0-1-10');
    const known = users?.[name] ?? [];
    parsed[name] = ranges.split('#').map((text) => parseRange(text, known, at));
  }
  const { uids, gids } = parsed;
  if (uids !== undefined && gids !== undefined) return made(uids, gids);
  return refuse(at, 'an ID mapping needs uids and gids', 'write uids=0-1-10;gids=0-1-10');
}

/** config.md#mounts: without a mapping of its own, that of the container's user namespace. */
function ofContainer(users: UserNamespace | null, at: string): Users {
  if (users === null)
    return refuse(
      at,
      'an ID-mapped mount needs uidMappings and gidMappings, or a user namespace',
      'a container without a user namespace has no mapping that could be used instead',
    );
  return users.path === ''
    ? made(users.uids, users.gids)
    : { path: users.path, uids: '', gids: '' };
}

/** What ID mapping an entry asks for, by its fields or by an option; null for none. */
export function planIdmap(
  mount: Mount,
  word: IdmapWord | null,
  users: UserNamespace | null,
  at: string,
): IdmapPlan | null {
  const { uidMappings = [], gidMappings = [] } = mount;
  const byFields = uidMappings.length > 0 || gidMappings.length > 0;
  if (word === null && !byFields) return null;
  const recursive = word?.recursive === true;
  const value = word?.value ?? null;
  if (byFields && value !== null)
    return refuse(word?.at ?? at, 'a mount has one ID mapping', 'drop the value or uidMappings');
  if (byFields) return { ...made(uidMappings, gidMappings), recursive };
  if (value !== null) return { ...parseValue(value, users, word?.at ?? at), recursive };
  return { ...ofContainer(users, word?.at ?? at), recursive };
}
