import { writeText } from '../../host/io.js';
import { type Emit, tellStats, watchEvents } from '../../runtime/events.js';
import { stringify } from '../../spec/json.js';
import { action } from '../command.js';
import { parseInterval } from '../duration.js';
import { rows } from '../rows.js';
import { STDOUT } from '../streams.js';

export const events = action(rows.events, (context, { id, interval = '5s', stats }) => {
  const pause = parseInterval('interval', interval);
  const emit: Emit = (event) => writeText(context, STDOUT, `${stringify(event)}\n`);
  if (stats === true) tellStats(context, id, emit);
  else watchEvents(context, id, pause, emit);
  return 0;
});
