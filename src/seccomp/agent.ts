import { during } from '../errors/error.js';
import type { LinuxSeccomp } from '../generated/spec-types.js';
import { specVersion } from '../generated/spec-version.js';
import type { Fd } from '../host/fd.js';
import type { Context } from '../host/host.js';
import { connectTo } from '../host/unix.js';
import type { ContainerRecord } from '../state/record.js';

/** The container that a filter belongs to. */
export type Subject = Pick<ContainerRecord, 'id' | 'ociVersion' | 'bundle' | 'annotations'> & {
  readonly status: 'creating' | 'running';
};

/** config-linux.md#containerprocessstate; pids are those of the host. */
export const processState = (
  { id, ociVersion, bundle, annotations, status }: Subject,
  pid: number,
  metadata: string | undefined,
): string =>
  JSON.stringify({
    ociVersion: specVersion,
    fds: ['seccompFd'],
    pid,
    ...(metadata !== undefined && { metadata }),
    state: {
      ...{ ociVersion, id, status, pid, bundle },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
  });

/** All of a text on a stream; the descriptors go with its first bytes. */
function sendWhole(context: Context, socket: Fd, text: string, fds: Int32Array): void {
  const { engine, sys } = context.host;
  const bytes = engine.encode(text);
  const attached = new Uint8Array(fds.buffer);
  let sent = sys.sendFds(socket.number, bytes, bytes.length, attached, fds.length);
  while (sent < bytes.length) {
    const rest = bytes.subarray(sent);
    sent += sys.sendFds(socket.number, rest, rest.length, null, 0);
  }
}

/** Gives the listener to whoever decides about calls: one connection, one state, then the end. */
export function informAgent(
  context: Context,
  { listenerPath = '', listenerMetadata }: Pick<LinuxSeccomp, 'listenerPath' | 'listenerMetadata'>,
  record: Subject,
  pid: number,
  listener: Fd,
): void {
  const at = '/linux/seccomp/listenerPath';
  using socket = during(
    'failed to connect with seccomp agent',
    () => connectTo(context, listenerPath),
    at,
  );
  const text = processState(record, pid, listenerMetadata);
  during(
    'send the container process state to the seccomp agent',
    () => sendWhole(context, socket, text, new Int32Array([listener.number])),
    at,
  );
}
