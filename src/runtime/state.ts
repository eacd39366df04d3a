import { openHostProc } from '../host/proc.js';
import { peek } from '../state/store.js';
import type { ContainerState, RuntimeContext } from './context.js';
import { observe } from './observe.js';

/** runtime.md#query-state. `owner` is filled by `list` alone. */
export function readState(context: RuntimeContext, id: string): ContainerState {
  using peeked = peek(context, context.root, id);
  using proc = openHostProc(context);
  const { record, directory } = peeked;
  const status = observe(context, proc, directory.number, record);
  return {
    ociVersion: record.ociVersion,
    id,
    pid: status === 'stopped' ? 0 : record.pid,
    status,
    bundle: record.bundle,
    rootfs: record.rootfs,
    created: record.created,
    ...(Object.keys(record.annotations).length > 0 && { annotations: record.annotations }),
    owner: '',
  };
}
