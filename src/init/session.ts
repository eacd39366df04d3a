import { Fd } from '../host/fd.js';
import { attempt } from '../host/host.js';
import {
  AF_INET,
  IFF_UP,
  KEYCTL_JOIN_SESSION_KEYRING,
  KEYCTL_SETPERM,
  SIOCGIFFLAGS,
  SIOCSIFFLAGS,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import type { InitContext } from './context.js';
import { withKeyLabel } from './security.js';

/** keyctl(2): the possessor may do everything, others of its user all but write and set, as in runc. */
const KEYRING_PERMISSIONS = 0x3f1b0000;

/** A session keyring of the container's own, so that the host's keys stay out of its reach. */
export function joinKeyring(context: InitContext): void {
  const name = context.plan.session.keyring;
  if (name !== null) withKeyLabel(context, () => joinNamed(context, name));
}

function joinNamed(context: InitContext, name: string): void {
  const join = KEYCTL_JOIN_SESSION_KEYRING;
  const serial = attempt(context, [errno.ENOSYS], 'joinSessionKeyring', join, name);
  // A kernel without CONFIG_KEYS has no keys to protect.
  if (serial < 0) return;
  context.host.sys.keyctl(KEYCTL_SETPERM, serial, KEYRING_PERMISSIONS, 0);
}

/** netdevice(7): a new network namespace has one interface, and it is down. */
export function raiseLoopback(context: InitContext): void {
  if (!context.plan.namespaces.loopback) return;
  const { sys } = context.host;
  using socket = new Fd(context, sys.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const request = new Uint8Array(40);
  request.set([0x6c, 0x6f]);
  sys.ioctl(socket.number, SIOCGIFFLAGS, request);
  request[16]! |= IFF_UP;
  sys.ioctl(socket.number, SIOCSIFFLAGS, request);
}
