import { RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import { refusedAnnotations } from './annotations.js';

/** Mirrors the configuration; a text is the reason why that field is refused. */
interface Refused {
  readonly [field: string]: string | Refused;
}

/** Every field that this release does not apply: refused by name, never ignored. */
const refused: Refused = {
  vm: 'virtual machines are not supported',
};

interface Refusal {
  readonly at: string;
  readonly reason: string;
}

/** Throws when the configuration asks for something that would not be done. */
export function refuseUnsupported(spec: Spec): void {
  const [first, ...others] = [
    ...fields(spec, refused, ''),
    ...refusedAnnotations(spec.annotations),
  ];
  if (first === undefined) return;
  const rest = others.map(({ at, reason }) => `${at}: ${reason}`);
  throw new RuntimeError('not-supported', [first.reason, ...rest].join('; '), { at: first.at });
}

/** Walks the table, not the configuration: every create pays for this. */
function fields(holder: object, table: Refused, path: string): Refusal[] {
  const refusals: Refusal[] = [];
  for (const field in table) {
    const value: unknown = (holder as Readonly<Record<string, unknown>>)[field];
    if (asksNothing(value)) continue;
    const rule = table[field]!;
    const at = `${path}/${field}`;
    if (typeof rule === 'string') refusals.push({ at, reason: rule });
    else refusals.push(...fields(value as object, rule, at));
  }
  return refusals;
}

/** Engines write empty objects and zeros for what they do not ask for. */
function asksNothing(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return !value;
  if (Array.isArray(value)) return value.length === 0;
  return Object.values(value).every(isUnset);
}

/** An object in an object has a name, as network devices have: that alone asks for something. */
const isUnset = (member: unknown): boolean =>
  !member || (Array.isArray(member) && member.length === 0);
