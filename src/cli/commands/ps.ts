import { unknownFormat } from '../../errors/catalog.js';
import { writeText } from '../../host/io.js';
import { containerPids, processTable } from '../../runtime/ps.js';
import { action } from '../command.js';
import { rows } from '../rows.js';
import { STDOUT } from '../streams.js';

/** Go prints an absent list as null; every caller knows that. */
const json = (pids: readonly number[]): string =>
  `${pids.length === 0 ? 'null' : JSON.stringify(pids)}\n`;

export const ps = action(rows.ps, (context, { id, format = 'table', options }) => {
  if (format === 'json') writeText(context, STDOUT, json(containerPids(context, id)));
  else if (format === 'table') writeText(context, STDOUT, processTable(context, id, options));
  else throw unknownFormat();
  return 0;
});
