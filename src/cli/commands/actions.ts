import type { Actions } from '../command.js';
import { create } from './create.js';
import { remove } from './delete.js';
import { events } from './events.js';
import { exec } from './exec.js';
import { features } from './features.js';
import { kill } from './kill.js';
import { list } from './list.js';
import { pause } from './pause.js';
import { ps } from './ps.js';
import { resume } from './resume.js';
import { run } from './run.js';
import { spec } from './spec.js';
import { start } from './start.js';
import { state } from './state.js';
import { update } from './update.js';

/** What each command does. `help` is answered before there is anything to act on. */
export const actions = {
  create,
  start,
  run,
  exec,
  state,
  kill,
  delete: remove,
  pause,
  resume,
  list,
  ps,
  update,
  events,
  spec,
  features,
} as const satisfies Actions;
