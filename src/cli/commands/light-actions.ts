import type { Actions } from '../command.js';
import { remove } from './delete.js';
import { kill } from './kill.js';
import { list } from './list.js';
import { spec } from './spec.js';
import { start } from './start.js';
import { state } from './state.js';

/** What the commands do that make no container, and hence need neither validator nor init. */
export const lightActions = {
  start,
  state,
  kill,
  delete: remove,
  list,
  spec,
} as const satisfies Actions;
