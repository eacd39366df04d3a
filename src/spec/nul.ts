import type { Spec } from '../generated/spec-types.js';
import { type Complaint, foundText, pointer } from './complaint.js';

/** What reaches the kernel as C strings; annotations do not. */
const fields = ['root', 'mounts', 'process', 'hostname', 'domainname', 'hooks', 'linux'] as const;
/** More levels than the specification has: what is deeper, is unknown and stays unused. */
const deepest = 20;
const nulEscape = '\\u0000';

/**
 * The kernel would read a string up to its first NUL: another path, another argument than what
 * was checked. JSON spells a NUL in one way only, so that most documents need no search.
 */
export function nulComplaints(text: string, spec: Spec): Complaint[] {
  if (!text.includes(nulEscape)) return [];
  return fields.flatMap((field) => search(spec[field], [field]));
}

function search(value: unknown, keys: readonly string[]): Complaint[] {
  if (typeof value === 'string') return value.includes('\0') ? [complaint(value, keys)] : [];
  if (typeof value !== 'object' || value === null || keys.length > deepest) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const inner = [...keys, key];
    return key.includes('\0') ? [complaint(key, inner)] : search(member, inner);
  });
}

function complaint(text: string, keys: readonly string[]): Complaint {
  const allowed = 'a string without NUL';
  return { at: pointer(...keys), found: foundText(text), allowed, spec: 'config.md#valid-values' };
}
