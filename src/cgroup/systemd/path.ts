import { RuntimeError } from '../../errors/error.js';

const AT = '/linux/cgroupsPath';

/** What stands before the container's id in a unit that the configuration gives no name. */
const PREFIX = 'runts';

/** systemd.unit(5): what a unit's name may consist of, and how long it may be. */
const unitName = /^[A-Za-z0-9:_.\\-]+$/;
const LONGEST = 255;

/** Where a container is among systemd's units. */
export interface UnitPlace {
  /** `prefix-name.scope`, or a name that ends in `.slice`. */
  readonly unit: string;
  /** The slice that it is in. */
  readonly slice: string;
  /** Directories below systemd's own cgroup: `/a.slice/a-b.slice/prefix-name.scope`. */
  readonly path: string;
}

const isSlice = (name: string): boolean => name.endsWith('.slice');

/** What the id of a container may have and a unit's name may not, as systemd-escape(1) writes it. */
const escaped = (id: string): string => id.replaceAll('+', '\\x2b');

function split(cgroupsPath: string): readonly [slice: string, prefix: string, name: string] {
  const [slice = '', prefix = '', name = '', ...more] = cgroupsPath.split(':');
  if (cgroupsPath.split(':').length === 3 && name !== '') return [slice, prefix, name];
  const hint = more.length > 0 ? 'there are more than two colons' : 'as in system.slice:runts:web';
  throw new RuntimeError(
    'invalid-config',
    `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got ${JSON.stringify(cgroupsPath)} instead`,
    { at: AT, hint },
  );
}

const badSlice = (slice: string): RuntimeError =>
  new RuntimeError('invalid-config', `invalid slice name: ${slice}`, {
    at: AT,
    hint: 'slices are named a.slice, a-b.slice and so on: see systemd.slice(5)',
  });

/** systemd.slice(5): dashes in a slice's name tell the slices above it; `-.slice` is the root. */
export function expandSlice(slice: string): string {
  const stem = slice.replace(/\.slice$/, '');
  if (!isSlice(slice) || slice.includes('/') || stem === '') throw badSlice(slice);
  if (stem === '-') return '';
  const names = stem.split('-');
  if (names.includes('')) throw badSlice(slice);
  return names.map((_, i) => `/${names.slice(0, i + 1).join('-')}.slice`).join('');
}

function checkUnit(unit: string): void {
  if (unitName.test(unit) && unit.length <= LONGEST) return;
  throw new RuntimeError('invalid-config', `invalid unit name: ${unit}`, {
    at: AT,
    hint: `letters, digits and : _ . \\ - are allowed, ${LONGEST} of them at most`,
  });
}

/** config-linux.md#cgroups-path, in the form that systemd's units need. */
export function unitPlace(
  cgroupsPath: string | undefined,
  id: string,
  defaultSlice: string,
): UnitPlace {
  const [wanted, prefix, name] = split(cgroupsPath || `:${PREFIX}:${escaped(id)}`);
  const slice = wanted === '-' ? '-.slice' : wanted || defaultSlice;
  const above = expandSlice(slice);
  if (isSlice(name)) {
    checkUnit(name);
    return { unit: name, slice, path: expandSlice(name) };
  }
  const unit = `${prefix}-${name}.scope`;
  checkUnit(unit);
  return { unit, slice, path: `${above}/${unit}` };
}
