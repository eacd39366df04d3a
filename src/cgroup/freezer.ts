import type { Context } from '../host/host.js';
import { waitReadable } from '../host/process.js';
import type { CgroupRecord } from './driver.js';
import { readRecord, writeIfThere } from './files.js';

/** What the file says when nothing is frozen; v1 also says FREEZING. */
const thawed = ['', 'THAWED', '0'];

interface Freezer {
  readonly file: string;
  readonly frozen: string;
  readonly thawed: string;
  /** Where the kernel says that everything stands still, and how. */
  readonly arrived: readonly [file: string, text: RegExp];
}

function freezerOf({ directories }: CgroupRecord): Freezer | null {
  const v1 = directories.find(({ controllers }) => controllers.includes('freezer'));
  if (v1) {
    const file = `${v1.path}/freezer.state`;
    return { file, frozen: 'FROZEN', thawed: 'THAWED', arrived: [file, /^FROZEN$/m] };
  }
  const unified = directories.find(({ controllers }) => controllers.length === 0);
  if (unified === undefined) return null;
  const { path } = unified;
  const arrived = [`${path}/cgroup.events`, /^frozen 1$/m] as const;
  return { file: `${path}/cgroup.freeze`, frozen: '1', thawed: '0', arrived };
}

/** The file that {@link isFrozenBy} looks at; null when there is no cgroup to freeze. */
export const freezerFile = (record: CgroupRecord): string | null => freezerOf(record)?.file ?? null;

/** True also while v1 is on its way there: FREEZING. */
export function isFrozenBy(context: Context, file: string | null): boolean {
  const text = file === null ? null : readRecord(context, file);
  return text !== null && !thawed.includes(text.trim());
}

export const isFrozen = (context: Context, record: CgroupRecord): boolean =>
  isFrozenBy(context, freezerFile(record));

export function setFreezer(
  context: Context,
  record: CgroupRecord,
  state: 'frozen' | 'thawed',
): void {
  const freezer = freezerOf(record);
  if (freezer !== null) writeIfThere(context, freezer.file, freezer[state]);
}

export const thaw = (context: Context, record: CgroupRecord): void =>
  setFreezer(context, record, 'thawed');

/** Milliseconds between two looks. */
const steps = [0, 1, 2, 5, 10, 20, 50] as const;

/** After so many looks v1 is asked anew: freezer-subsystem.rst, a fork may keep it from arriving. */
const MOST_LOOKS = 12;

function arrives(context: Context, { arrived: [file, text] }: Freezer): boolean {
  for (let look = 0; look < MOST_LOOKS; look++) {
    if (text.test(readRecord(context, file) ?? '')) return true;
    waitReadable(context, [], steps[Math.min(look, steps.length - 1)]!);
  }
  return false;
}

/**
 * Stops every process in the cgroup and below; false when some could not be stopped in time, and
 * then all go on.
 */
export function freeze(context: Context, record: CgroupRecord, tries: number): boolean {
  const freezer = freezerOf(record);
  if (freezer === null) return false;
  for (let i = 0; i < tries; i++) {
    setFreezer(context, record, 'frozen');
    if (arrives(context, freezer)) return true;
    thaw(context, record);
  }
  return false;
}
