import { during } from '../errors/error.js';
import { Fd } from '../host/fd.js';
import { openAt } from '../host/io.js';
import { Root } from '../host/root.js';
import { AT_FDCWD, O_DIRECTORY, O_PATH } from '../linux/constants.js';
import type { Entered, InitContext } from './context.js';
import { joinMountNamespace } from './root.js';
import { chooseProfile } from './security.js';
import { joinKeyring } from './session.js';
import { makeTerminal } from './terminal.js';

/** setns(2): with the mount namespace comes its root. Without one, the container's is a chroot(2). */
function enterRoot(context: InitContext): Root {
  const { sys } = context.host;
  if (context.mountNamespace >= 0) joinMountNamespace(context);
  if (context.root >= 0) {
    using root = new Fd(context, context.root);
    sys.fchdir(root.number);
    sys.chroot('.');
  }
  return new Root(context, openAt(context, AT_FDCWD, '/', O_PATH | O_DIRECTORY));
}

/** A further process of a container: everything is built, it only has to be entered. */
export function enterContainer(context: InitContext): Entered {
  context.host.sys.umask(0);
  during('join the session keyring', () => joinKeyring(context));
  const root = during('enter the mount namespace', () => enterRoot(context));
  chooseProfile(context);
  return { root, terminal: makeTerminal(context, root) };
}
