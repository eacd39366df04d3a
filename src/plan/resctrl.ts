import { RuntimeError } from '../errors/error.js';
import type { LinuxIntelRdt } from '../generated/spec-types.js';

/** What the resctrl file system has of the group that a container is to run in. */
export interface ResctrlFacts {
  /** Where it is mounted. */
  readonly root: string;
  /** What `schemata` of the group says; null when there is no such group. */
  readonly schemata: string | null;
}

/** A line for `schemata`, and the field that asks for it. */
export interface SchemaLine {
  readonly at: string;
  readonly text: string;
}

/** What will be done in the resctrl file system, config-linux.md#intelrdt. */
export interface ResctrlPlan {
  /** Directory of the group. */
  readonly group: string;
  /** The group has to be made. */
  readonly make: boolean;
  /** Written one after the other. */
  readonly lines: readonly SchemaLine[];
  /** Directory of a monitoring group that has to be made. */
  readonly monitor: string | null;
  /** Directories that the container takes with it when it is deleted, in this order. */
  readonly remove: readonly string[];
}

const AT = '/linux/intelRdt';

/** Directories of the kernel's that are no groups, resctrl.rst. */
export const resctrlDirectories = ['info', 'mon_groups', 'mon_data'] as const;

/** The directory of the container's group below the mount; empty for the mount itself. */
export function resctrlGroup({ closID }: LinuxIntelRdt, id: string): string {
  if (closID === '/') return '';
  if (closID || !resctrlDirectories.some((name) => name === id)) return closID || id;
  throw new RuntimeError('invalid-config', `no group of resctrl can be named ${id}`, {
    at: AT,
    hint: 'choose another container id, or set closID',
  });
}

const field = (at: string, text: string | undefined): SchemaLine[] => (text ? [{ at, text }] : []);

const legacyLines = ({ l3CacheSchema, memBwSchema }: LinuxIntelRdt): SchemaLine[] => [
  ...field(`${AT}/l3CacheSchema`, l3CacheSchema),
  ...field(`${AT}/memBwSchema`, memBwSchema),
];

const newLines = ({ schemata = [] }: LinuxIntelRdt): SchemaLine[] =>
  schemata.map((text, i) => ({ at: `${AT}/schemata/${i}`, text }));

/** All that is written to `schemata`. */
export const schemaLines = (rdt: LinuxIntelRdt): SchemaLine[] => [
  ...legacyLines(rdt),
  ...newLines(rdt),
];

/** `L3:0=7ff;1=7ff` as a resource with values by domain, written in one way. */
function parseSchema(
  line: string,
): readonly [resource: string, values: ReadonlyMap<string, string>] {
  const colon = line.indexOf(':');
  const pairs = line.slice(colon + 1).split(';');
  const values = pairs.map((pair) => {
    const [domain = '', value = ''] = pair.split('=').map((part) => part.trim());
    return [domain, value.toLowerCase().replace(/^0+(?=.)/, '')] as const;
  });
  return [line.slice(0, colon).trim(), new Map(values)];
}

/** Whether what is asked for is in force already, in each domain that it names. */
export function isInForce(asked: string, schemata: string): boolean {
  const [resource, values] = parseSchema(asked);
  const lines = schemata.split('\n').filter((line) => line.includes(':'));
  const present = lines.map(parseSchema);
  const found = present.find(([name]) => name === resource)?.[1];
  return [...values].every(([domain, value]) => found?.get(domain) === value);
}

function compare(lines: readonly SchemaLine[], schemata: string): void {
  const other = lines.find(({ text }) => !isInForce(text, schemata));
  if (other === undefined) return;
  throw new RuntimeError('host', `the group of resctrl that is there has another schema`, {
    at: other.at,
    hint: `schemata says ${JSON.stringify(schemata.trim().replace(/\s*\n\s*/g, ' '))}`,
  });
}

const absent = (name: string): RuntimeError =>
  new RuntimeError('host', `there is no group ${JSON.stringify(name)} in resctrl`, {
    at: `${AT}/closID`,
    hint: 'make it before, or say by schemata what it is to be',
  });

export function planResctrl(rdt: LinuxIntelRdt, id: string, facts: ResctrlFacts): ResctrlPlan {
  const name = resctrlGroup(rdt, id);
  const [legacy, lines] = [legacyLines(rdt), schemaLines(rdt)];
  const make = facts.schemata === null;
  if (make && rdt.closID && lines.length === 0) throw absent(name);
  if (!make && rdt.closID) compare(legacy, facts.schemata);
  const group = name === '' ? facts.root : `${facts.root}/${name}`;
  const monitor = rdt.enableMonitoring ? `${group}/mon_groups/${id}` : null;
  const own = make && !rdt.closID ? [group] : [];
  return { group, make, lines, monitor, remove: [...(monitor === null ? [] : [monitor]), ...own] };
}
