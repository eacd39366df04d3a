import { deleteContainer } from '../../runtime/delete.js';
import { action } from '../command.js';
import { rows } from '../rows.js';

export const remove = action(rows.delete, (context, { id, force }) => {
  deleteContainer(context, id, { force: force ?? false });
  return 0;
});
