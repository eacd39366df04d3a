import { writeText } from '../../host/io.js';
import type { ContainerState } from '../../runtime/context.js';
import { readState } from '../../runtime/state.js';
import { action } from '../command.js';
import { rows } from '../rows.js';
import { STDOUT } from '../streams.js';

export const state = action(rows.state, (context, { id }) => {
  writeText(context, STDOUT, JSON.stringify(printed(readState(context, id)), null, 2));
  return 0;
});

/** The members in the order that people know. */
export const printed = (container: ContainerState): ContainerState => ({
  ociVersion: container.ociVersion,
  id: container.id,
  pid: container.pid,
  status: container.status,
  bundle: container.bundle,
  rootfs: container.rootfs,
  created: container.created,
  ...(hasAny(container.annotations) && { annotations: container.annotations }),
  owner: container.owner,
});

const hasAny = (record: ContainerState['annotations']): record is Record<string, string> =>
  record !== undefined && Object.keys(record).length > 0;
