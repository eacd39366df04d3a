import { RuntimeError } from '../errors/error.js';
import type { Mount } from '../generated/spec-types.js';
import type { MountExtension } from '../linux/mount-options.js';
import { type IdmapWord, planIdmap, type UserNamespace } from './idmaps.js';
import { type MountOptions, noExtensions } from './mount-options.js';
import type { MountPlan } from './plan.js';

type Kind = MountPlan['kind'] | 'tmpfs';

/** What kinds of mounts a word is for, and what to say otherwise. */
const places: Readonly<Record<MountExtension, readonly [kinds: readonly Kind[], what: string]>> = {
  copyUp: [['tmpfs'], 'tmpcopyup is for mounts of type tmpfs'],
  idmap: [['bind', 'filesystem', 'tmpfs'], 'idmap is for bind mounts and new file systems'],
  ridmap: [['bind', 'filesystem', 'tmpfs'], 'ridmap is for bind mounts and new file systems'],
  copySymlink: [['bind'], 'copy-symlink is for bind mounts'],
  sourceNoFollow: [['bind'], 'src-nofollow is for bind mounts'],
  destinationNoFollow: [['bind'], 'dest-nofollow is for bind mounts'],
};

const flags = ['copyUp', 'copySymlink', 'sourceNoFollow', 'destinationNoFollow'] as const;

export type Extensions = Pick<MountPlan, (typeof flags)[number] | 'idmap'>;

const none: Extensions = {};

function idmapWord({ extensions }: MountOptions, at: string): IdmapWord | null {
  const found = extensions.ridmap ?? extensions.idmap;
  if (found === undefined) return null;
  const recursive = extensions.ridmap !== undefined;
  return { at: `${at}/options/${found.index}`, value: found.value, recursive };
}

function checkPlaces({ extensions }: MountOptions, kind: Kind, at: string): void {
  for (const name of Object.keys(extensions) as MountExtension[]) {
    const [kinds, message] = places[name];
    if (kinds.includes(kind)) continue;
    const index = extensions[name]?.index;
    throw new RuntimeError('invalid-config', message, { at: `${at}/options/${index}` });
  }
}

/** What a mount asks for beyond mount(2). */
export function planExtensions(
  mount: Mount,
  options: MountOptions,
  kind: Kind,
  users: UserNamespace | null,
  at: string,
): Extensions {
  // Nearly all mounts ask for nothing of it.
  if (options.extensions === noExtensions && !mount.uidMappings && !mount.gidMappings) return none;
  const idmap = planIdmap(mount, idmapWord(options, at), users, at);
  const { extensions } = options;
  checkPlaces(options, kind, at);
  if (idmap === null) return flagsOf(extensions);
  if (places.idmap[0].includes(kind)) return { ...flagsOf(extensions), idmap };
  throw new RuntimeError('invalid-config', places.idmap[1], { at: `${at}/uidMappings` });
}

function flagsOf(extensions: MountOptions['extensions']): Extensions {
  const asked = flags.filter((name) => extensions[name] !== undefined);
  return asked.length === 0 ? none : Object.fromEntries(asked.map((name) => [name, true]));
}
