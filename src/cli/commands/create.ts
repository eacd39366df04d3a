import type { CreateOptions, RuntimeContext } from '../../runtime/context.js';
import { createContainer } from '../../runtime/create.js';
import { action, type Input } from '../command.js';
import { absolute } from '../paths.js';
import { rows } from '../rows.js';

export const create = action(rows.create, (context, input) => {
  createContainer(context, createOptions(context, input));
  return 0;
});

/** Paths are the caller's, so they are made absolute before anything changes directory. */
export function createOptions(
  context: RuntimeContext,
  {
    id,
    bundle,
    pidFile,
    consoleSocket,
    pidfdSocket,
    noPivot,
    noNewKeyring,
    preserveFds,
  }: Input<typeof rows.create>,
): CreateOptions {
  return {
    id,
    bundle: absolute(context, bundle ?? '.'),
    ...(pidFile && { pidFile: absolute(context, pidFile) }),
    ...(consoleSocket && { consoleSocket: absolute(context, consoleSocket) }),
    ...(pidfdSocket && { pidfdSocket: absolute(context, pidfdSocket) }),
    noPivot: noPivot ?? false,
    noNewKeyring: noNewKeyring ?? false,
    preserveFds: preserveFds ?? 0,
  };
}
