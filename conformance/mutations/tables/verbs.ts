/** What may be wrong with one command as with another. */
import type { Call } from '../call.js';
import { always, succeedsAnyhow } from '../how.js';
import type { Row } from '../mutation.js';
import { statusOf } from './container.js';

/** Fails for containers of a status. */
export const refuses = (status: string) => (call: Call) =>
  statusOf(call).then((found) => {
    if (found !== status) return call.pass();
    call.note('broken');
    return 1;
  });

export const idle = (verb: string): Row => [
  `idle-${verb}`,
  `does nothing at ${verb}`,
  `runtime/${verb} lifecycle`,
  always(verb, async () => 0),
];

export const swallowed = (verb: string): Row => [
  `${verb}-never-fails`,
  `tells nobody that ${verb} has failed`,
  `runtime/${verb} lifecycle`,
  succeedsAnyhow(verb),
];
