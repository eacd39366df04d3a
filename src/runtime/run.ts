import { PR_SET_CHILD_SUBREAPER } from '../linux/constants.js';
import type { RunOptions, RuntimeContext } from './context.js';
import { createAndStart } from './create.js';
import { deleteContainer, deleteEnded } from './delete.js';
import { Foreground } from './foreground.js';
import { runPoststart } from './hooks.js';
import { notifyProxy, waitUntilReady } from './notify.js';

function undoing<T>(act: () => T, undo: () => void): T {
  try {
    return act();
  } catch (thrown) {
    undo();
    throw thrown;
  }
}

/** What follows the start; a container that fails there is not left behind. */
const afterwards = <T>(context: RuntimeContext, { id }: RunOptions, act: () => T): T =>
  undoing(act, () => deleteContainer(context, id, { force: true }));

function runDetached(context: RuntimeContext, options: RunOptions): number {
  using proxy = notifyProxy(context, options.id);
  const { record } = createAndStart(context, options, () => proxy?.bind());
  afterwards(context, options, () => {
    runPoststart(context, record);
    waitUntilReady(context, proxy, record);
  });
  return 0;
}

/** A signal that comes before the container's process runs ends this program, and init with it. */
function runInForeground(context: RuntimeContext, options: RunOptions): number {
  if (!options.noSubreaper) context.host.sys.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  using proxy = notifyProxy(context, options.id);
  using foreground = new Foreground(context, proxy);
  const { pid, record } = createAndStart(context, options, (terminal) =>
    foreground.begin(terminal),
  );
  const code = afterwards(context, options, () => {
    runPoststart(context, record);
    return foreground.waitForEnd(pid);
  });
  if (!options.keep) deleteEnded(context, record);
  return code;
}

/** runc's `run`: create, start and, in the foreground, wait and delete. Answers the exit code. */
export const runContainer = (context: RuntimeContext, options: RunOptions): number =>
  options.detach ? runDetached(context, options) : runInForeground(context, options);
