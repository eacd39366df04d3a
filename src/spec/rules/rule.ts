import type { LinuxNamespace, Spec } from '../../generated/spec-types.js';
import { type Complaint, foundText } from '../complaint.js';

/** One clause of the specification that a schema cannot express. */
export type Rule = (spec: Spec) => readonly Complaint[];

export const fine: readonly Complaint[] = [];

/** A complaint about `value`; `says` where callers know other words. */
export function wrong(
  at: string,
  value: unknown,
  allowed: string,
  spec: string,
  says?: string,
): readonly Complaint[] {
  return [{ at, found: foundText(value), allowed, spec, ...(says !== undefined && { says }) }];
}

/** Whether the container gets a namespace of this type: a new one, or one to join. */
export function hasNamespace({ linux }: Spec, type: LinuxNamespace['type']): boolean {
  return linux?.namespaces?.some((namespace) => namespace.type === type) ?? false;
}

/** Complaints about each item of a list that may be absent. */
export function each<T>(
  items: readonly T[] | undefined,
  check: (item: T, index: number) => readonly Complaint[],
): readonly Complaint[] {
  return items?.flatMap(check) ?? fine;
}

/** Complaints about values that came up before, by `keyOf`. */
export function repeated<T>(
  items: readonly T[] | undefined,
  keyOf: (item: T) => string,
  complain: (item: T, index: number) => readonly Complaint[],
): readonly Complaint[] {
  const seen = new Set<string>();
  return each(items, (item, index) => {
    const key = keyOf(item);
    if (seen.has(key)) return complain(item, index);
    seen.add(key);
    return fine;
  });
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** Complaints about paths that do not start with a slash. */
export function absolute(
  paths: readonly string[] | undefined,
  at: string,
  spec: string,
): readonly Complaint[] {
  return each(paths, (path, i) =>
    isAbsolute(path) ? fine : wrong(`${at}/${i}`, path, 'an absolute path', spec),
  );
}
