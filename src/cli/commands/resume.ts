import { resumeContainer } from '../../runtime/pause.js';
import { action } from '../command.js';
import { rows } from '../rows.js';

export const resume = action(rows.resume, (context, { id }) => {
  resumeContainer(context, id);
  return 0;
});
