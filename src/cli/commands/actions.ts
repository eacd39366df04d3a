import type { Action } from '../command.js';
import type { CommandName } from '../rows.js';
import { create } from './create.js';
import { remove } from './delete.js';
import { kill } from './kill.js';
import { list } from './list.js';
import { run } from './run.js';
import { spec } from './spec.js';
import { start } from './start.js';
import { state } from './state.js';

/** What each command does. `help` is answered before there is anything to act on. */
export const actions: Readonly<Record<Exclude<CommandName, 'help'>, Action>> = {
  create,
  start,
  run,
  state,
  kill,
  delete: remove,
  list,
  spec,
};
