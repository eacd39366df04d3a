import { badRoot } from '../errors/catalog.js';
import { during } from '../errors/error.js';
import type { Context } from '../host/host.js';
import { openAt, workingDirectory } from '../host/io.js';
import { inFirstUserNamespace } from '../host/namespace.js';
import { AT_FDCWD, O_DIRECTORY, O_RDONLY } from '../linux/constants.js';
import { EEXIST } from '../linux/errno.js';
import { cleanPath } from '../plan/path.js';
import { variable } from './environment.js';
import { programName } from './rows.js';

export interface Root {
  readonly root: string;
  readonly rootGiven: boolean;
}

/** Where the state of containers is kept: what --root says, or the default of this user. */
export function chooseRoot(context: Context, given: string | undefined): Root {
  if (given !== undefined && given !== '') {
    return { root: givenRoot(context, given), rootGiven: true };
  }
  const runtimeDir = variable(context.host.engine.environment, 'XDG_RUNTIME_DIR');
  if (runtimeDir === undefined || !isRootless(context)) {
    return { root: `/run/${programName}`, rootGiven: false };
  }
  const root = `${runtimeDir}/${programName}`;
  during('prepare the state root in $XDG_RUNTIME_DIR', () => makeSticky(context, root));
  return { root, rootGiven: false };
}

function givenRoot(context: Context, given: string): string {
  const joined = given.startsWith('/') ? given : `${workingDirectory(context)}/${given}`;
  const root = cleanPath(joined);
  if (root === '/') throw badRoot();
  return root;
}

/** Not the superuser, or one of a user namespace that does not claim to be root. */
function isRootless(context: Context): boolean {
  if (context.host.sys.geteuid() !== 0) return true;
  if (variable(context.host.engine.environment, 'USER') === 'root') return false;
  return !inFirstUserNamespace(context);
}

/** The sticky bit keeps cleaners of temporary files away (XDG Base Directory Specification). */
function makeSticky(context: Context, path: string): void {
  const made = context.host.raw.mkdirat(AT_FDCWD, path, 0o700);
  if (made < 0 && made !== -EEXIST) context.host.sys.mkdirat(AT_FDCWD, path, 0o700);
  using directory = openAt(context, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  context.host.sys.fchmod(directory.number, 0o1700);
}
