import { emptyId, invalidId } from '../errors/catalog.js';
import { CACHE } from '../state/names.js';

const taken: readonly string[] = ['.', '..', CACHE];

/** An id names a directory below the root, so nothing else may pass. */
export function checkId(id: string): void {
  if (id === '') throw emptyId();
  if (!/^[\w+.-]+$/.test(id) || taken.includes(id)) throw invalidId(id);
}
