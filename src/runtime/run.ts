import { PR_SET_CHILD_SUBREAPER } from '../linux/constants.js';
import type { RunOptions, RuntimeContext } from './context.js';
import { createAndStart } from './create.js';
import { deleteEnded, deleteRunning } from './delete.js';
import { Foreground } from './foreground.js';
import { type LetGo, runPoststart } from './hooks.js';
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
const afterwards = <T>(context: RuntimeContext, container: LetGo, act: () => T): T =>
  undoing(act, () => deleteRunning(context, container));

function runDetached(context: RuntimeContext, options: RunOptions): number {
  using proxy = notifyProxy(context, options.id);
  const created = createAndStart(context, options, () => proxy?.bind());
  afterwards(context, created, () => {
    runPoststart(context, created);
    waitUntilReady(context, proxy, created.record);
  });
  return 0;
}

/** A signal that comes before the container's process runs ends this program, and init with it. */
function runInForeground(context: RuntimeContext, options: RunOptions): number {
  if (!options.noSubreaper) context.host.sys.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  using proxy = notifyProxy(context, options.id);
  using foreground = new Foreground(context, proxy);
  const created = createAndStart(context, options, (terminal) => foreground.begin(terminal));
  const code = afterwards(context, created, () => {
    runPoststart(context, created);
    return foreground.waitForEnd(created.pid);
  });
  if (!options.keep) deleteEnded(context, created);
  return code;
}

/** runc's `run`: create, start and, in the foreground, wait and delete. Answers the exit code. */
export const runContainer = (context: RuntimeContext, options: RunOptions): number =>
  options.detach ? runDetached(context, options) : runInForeground(context, options);
