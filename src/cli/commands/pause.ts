import { pauseContainer } from '../../runtime/pause.js';
import { action } from '../command.js';
import { rows } from '../rows.js';

export const pause = action(rows.pause, (context, { id }) => {
  pauseContainer(context, id);
  return 0;
});
