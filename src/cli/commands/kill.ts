import { killContainer } from '../../runtime/kill.js';
import { action } from '../command.js';
import { rows } from '../rows.js';

export const kill = action(rows.kill, (context, { id, signal, all }) => {
  killContainer(context, id, signal, { all: all ?? false });
  return 0;
});
