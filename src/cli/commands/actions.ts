import type { Actions } from '../command.js';
import { create } from './create.js';
import { lightActions } from './light-actions.js';
import { run } from './run.js';

/** What each command does. `help` is answered before there is anything to act on. */
export const actions = { ...lightActions, create, run } as const satisfies Actions;
