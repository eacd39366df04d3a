/** The program for every command that makes no container. */
import { lightActions } from '../../cli/commands/light-actions.js';
import { start } from './engine.js';

start(lightActions);
