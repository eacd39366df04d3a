import { runContainer } from '../../runtime/run.js';
import { action } from '../command.js';
import { rows } from '../rows.js';
import { createOptions } from './create.js';

export const run = action(rows.run, (context, input) =>
  runContainer(context, {
    ...createOptions(context, input),
    detach: input.detach ?? false,
    keep: input.keep ?? false,
    noSubreaper: input.noSubreaper ?? false,
  }),
);
