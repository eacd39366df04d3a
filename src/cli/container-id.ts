import { emptyId, invalidId } from '../errors/catalog.js';

/** An id names a directory below the root, so nothing else may pass. */
export function checkId(id: string): void {
  if (id === '') throw emptyId();
  if (!/^[\w+.-]+$/.test(id) || id === '.' || id === '..') throw invalidId(id);
}
