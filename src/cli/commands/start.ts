import { startContainer } from '../../runtime/start.js';
import { action } from '../command.js';
import { rows } from '../rows.js';

export const start = action(rows.start, (context, { id }) => {
  startContainer(context, id);
  return 0;
});
