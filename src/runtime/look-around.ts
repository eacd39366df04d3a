/** Looking at many containers of one state root. */
import { doesNotExist } from '../errors/catalog.js';
import { asRuntimeError } from '../errors/error.js';
import { renderError } from '../errors/render.js';
import type { Fd } from '../host/fd.js';
import { openIfThere, readAll } from '../host/io.js';
import { ownerOf } from '../host/stat.js';
import { AT_FDCWD, O_RDONLY } from '../linux/constants.js';
import type { ContainerState, RuntimeContext } from './context.js';
import { frozenByState, type MayBeFrozen } from './observe.js';
import { type Look, lookAt, stateOf } from './state.js';

export interface Listed {
  readonly look: Look;
  readonly state: ContainerState;
}

/** passwd(5): uid → name. */
function userNames(context: RuntimeContext): ReadonlyMap<string, string> {
  using file = openIfThere(context, AT_FDCWD, '/etc/passwd', O_RDONLY);
  const text = file === null ? '' : context.host.engine.decode(readAll(context, file.number));
  return new Map(
    text
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid = '']) => [uid, name] as const),
  );
}

export class LookAround {
  readonly context: RuntimeContext;
  readonly root: Fd;
  readonly proc: Fd;
  readonly mayBeFrozen: MayBeFrozen;
  /** Names by uid, as far as somebody has asked. */
  readonly owners = new Map<string, string>();
  readonly #names: ReadonlyMap<string, string>;

  constructor(context: RuntimeContext, root: Fd, proc: Fd) {
    this.context = context;
    this.root = root;
    this.proc = proc;
    this.mayBeFrozen = frozenByState(context);
    this.#names = userNames(context);
  }

  nameOf(uid: string): string {
    const known = this.owners.get(uid);
    if (known !== undefined) return known;
    const name = this.#names.get(uid) ?? `#${uid}`;
    this.owners.set(uid, name);
    return name;
  }

  /** The owner of a container is that of its directory. */
  #look(id: string): Listed {
    const { context, proc, mayBeFrozen } = this;
    const look = lookAt(context, { root: this.root.number, proc, mayBeFrozen }, id);
    const uid = ownerOf(context, this.root.number, id);
    if (uid === null) throw doesNotExist(id);
    return { look, state: stateOf(look, this.nameOf(String(uid))) };
  }

  /** One that cannot be read is reported and left out. */
  lookAtEach(ids: readonly string[]): Listed[] {
    const seen: Listed[] = [];
    for (const id of ids) {
      try {
        seen.push(this.#look(id));
      } catch (thrown) {
        // Being created, or deleted since the directory was listed.
        if (asRuntimeError(thrown).code === 'not-found') continue;
        this.context.log.error(`load container ${id}: ${renderError(asRuntimeError(thrown))}`);
      }
    }
    return seen;
  }
}
