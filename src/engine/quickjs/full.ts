/** The program as a whole: what native/main.c starts for `create` and `run`. */
import { actions } from '../../cli/commands/actions.js';
import { start } from './engine.js';

start(actions);
