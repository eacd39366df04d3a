import { RuntimeError } from '../errors/error.js';
import type { Mount } from '../generated/spec-types.js';
import { MOUNT_ATTR_RDONLY } from '../linux/constants.js';
import {
  type MountExtension,
  type MountWord,
  mountWords,
  refusedMountWords,
} from '../linux/mount-options.js';
import { cleanPath } from './path.js';
import type { Attributes, MountPlan } from './plan.js';

/** Where lxcfs may put its files; anything else under /proc is refused (CVE-2019-16884). */
const allowedInProc: readonly string[] = [
  'cpuinfo',
  'diskstats',
  'meminfo',
  'stat',
  'swaps',
  'uptime',
  'loadavg',
  'slabinfo',
  'sys/kernel/ns_last_pid',
  'sys/crypto/fips_enabled',
].map((name) => `/proc/${name}`);

/** Directories that other things are made in, so they turn read-only last. */
const isLate = (type: string, destination: string) => type === 'tmpfs' || destination === '/dev';

interface Parsed {
  attributes: Attributes;
  recursive: Attributes;
  propagation: { type: number; recursive: boolean }[];
  bind: 'bind' | 'rbind' | null;
  remount: boolean;
  config: [string, string | null][];
  data: string[];
  /** What is asked for beyond mount(2), with the index of the word that asks. */
  extensions: Partial<Record<MountExtension, number>>;
}

const none: Attributes = { set: 0, clear: 0 };
const noExtensions: Parsed['extensions'] = {};

/** A later word wins over an earlier one. */
const merge = (before: Attributes, { set = 0, clear = 0 }: MountWord): Attributes => ({
  set: (before.set & ~clear) | set,
  clear: (before.clear & ~set) | clear,
});

function readWord(parsed: Parsed, word: string, index: number): void {
  const meaning = Object.hasOwn(mountWords, word) ? mountWords[word] : undefined;
  if (meaning === undefined) {
    const equals = word.indexOf('=');
    parsed.data.push(word);
    parsed.config.push(equals < 0 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)]);
  } else if (meaning.propagation !== undefined) {
    parsed.propagation.push({ type: meaning.propagation, recursive: meaning.recursive === true });
  } else if (meaning.flag !== undefined) {
    parsed.config.push([meaning.flag, null]);
  } else if (meaning.extension !== undefined) {
    parsed.extensions = { ...parsed.extensions, [meaning.extension]: index };
  } else if (meaning.recursive) {
    parsed.recursive = merge(parsed.recursive, meaning);
  } else if (meaning.set !== undefined) {
    parsed.attributes = merge(parsed.attributes, meaning);
  }
  parsed.bind = meaning?.bind ?? parsed.bind;
  parsed.remount ||= meaning?.remount === true;
}

function readOptions(options: readonly string[], at: string): Parsed {
  const parsed: Parsed = {
    attributes: none,
    recursive: none,
    propagation: [],
    bind: null,
    remount: false,
    config: [],
    data: [],
    extensions: noExtensions,
  };
  options.forEach((word, i) => {
    const name = word.split('=', 1)[0]!;
    if (refusedMountWords.includes(name))
      throw new RuntimeError('not-supported', `mount option "${word}" is not supported yet`, {
        at: `${at}/options/${i}`,
      });
    if (word !== '') readWord(parsed, word, i);
  });
  return parsed;
}

function kindOf(mount: Mount, parsed: Parsed): MountPlan['kind'] {
  if (parsed.remount) return 'remount';
  if (parsed.bind !== null || mount.type === 'bind') return 'bind';
  return mount.type === 'cgroup' || mount.type === 'cgroup2' ? 'cgroup' : 'filesystem';
}

function checkDestination(destination: string, kind: string, type: string, at: string): void {
  const refuse = (message: string) => {
    throw new RuntimeError('invalid-config', message, { at: `${at}/destination` });
  };
  if (destination === '/') refuse('a mount cannot cover the root of the container');
  const inside = destination.startsWith('/proc/');
  if (inside && !allowedInProc.includes(destination))
    refuse(`"${destination}" cannot be mounted because it is inside /proc`);
  if (destination === '/proc' && kind === 'filesystem' && type !== 'proc')
    refuse(`"${destination}" cannot be mounted because it is not of type proc`);
}

/** What a mount of some kind must have, and what it cannot have. */
function checkKind(mount: Mount, kind: string, type: string, parsed: Parsed, at: string): void {
  const words = parsed.data.join(',');
  if (kind === 'filesystem' && type === '')
    throw new RuntimeError('invalid-config', 'a mount that is no bind mount needs a type', { at });
  if (kind === 'bind' && mount.source === undefined)
    throw new RuntimeError('invalid-config', 'a bind mount needs a source', { at });
  if (kind === 'bind' && words !== '')
    throw new RuntimeError(
      'invalid-config',
      `bind mounts cannot have any filesystem-specific options applied: "${words}"`,
      { at: `${at}/options` },
    );
  if (kind === 'remount' && parsed.config.length > 0)
    throw new RuntimeError(
      'not-supported',
      'a remount that changes the file system itself is not supported yet',
      { at: `${at}/options` },
    );
}

/** config.md#mounts: `tmpcopyup` is of tmpfs alone. */
function copiesUp({ extensions }: Parsed, type: string, at: string): boolean {
  if (extensions.copyUp === undefined) return false;
  if (type === 'tmpfs') return true;
  throw new RuntimeError('invalid-config', 'tmpcopyup is for mounts of type tmpfs', {
    at: `${at}/options/${extensions.copyUp}`,
    hint: 'it copies what the mount is going to hide into the new file system',
  });
}

/** config.md#mounts: one entry → what to do. Options are read here and nowhere else. */
export function planMount(mount: Mount, index: number, bundle: string): MountPlan {
  const at = `/mounts/${index}`;
  const parsed = readOptions(mount.options ?? [], at);
  const kind = kindOf(mount, parsed);
  const destination = cleanPath(mount.destination);
  const type = kind === 'bind' ? 'bind' : (mount.type ?? '');
  checkDestination(destination, kind, type, at);
  checkKind(mount, kind, type, parsed, at);
  const source = mount.source ?? type;
  const late = kind !== 'bind' && isLate(type, destination) ? MOUNT_ATTR_RDONLY : 0;
  const { set, clear } = parsed.attributes;
  return {
    at,
    kind,
    destination,
    source: kind === 'bind' && !source.startsWith('/') ? cleanPath(`${bundle}/${source}`) : source,
    type,
    tree: parsed.bind === 'rbind',
    attributes: { set: set & ~late, clear },
    recursive: parsed.recursive,
    propagation: parsed.propagation,
    config: parsed.config,
    late: set & late,
    inheritMode: type === 'tmpfs' && !parsed.data.some((word) => word.startsWith('mode=')),
    ...(copiesUp(parsed, kind === 'filesystem' ? type : kind, at) && { copyUp: true }),
  };
}
