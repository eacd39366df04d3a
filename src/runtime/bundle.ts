import { configMissing } from '../errors/catalog.js';
import { during, RuntimeError } from '../errors/error.js';
import type { Spec } from '../generated/spec-types.js';
import { openAt, openIfThere, readAll } from '../host/io.js';
import { stat } from '../host/stat.js';
import {
  AT_FDCWD,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  S_IFDIR,
} from '../linux/constants.js';
import type * as Explain from '../spec/explain.js';
import { loadSpec } from '../spec/load.js';
import type { RuntimeContext } from './context.js';

/** bundle.md: config.json at the top of the bundle. */
export function readBundle(context: RuntimeContext, bundle: string): Spec {
  using directory = during(`chdir ${bundle}`, () =>
    openAt(context, AT_FDCWD, bundle, O_PATH | O_DIRECTORY),
  );
  using file = openIfThere(context, directory.number, 'config.json', O_RDONLY);
  if (file === null) throw configMissing(bundle);
  const { engine } = context.host;
  const text = engine.decode(readAll(context, file.number));
  const chunk = () => engine.chunk('explain') as typeof Explain;
  const { spec } = loadSpec(text, (refused) => chunk().readOrExplain(refused));
  if (context.log.debugging)
    for (const at of chunk().unknownFields(spec))
      context.log.debug(`${at}: a field that the specification does not name is ignored`);
  return spec;
}

/** config.md#root: a directory itself, not a link that could name any directory of the host. */
export function checkRootfs(context: RuntimeContext, path: string): void {
  const at = '/root/path';
  using rootfs = during(
    'open the root file system',
    () => openAt(context, AT_FDCWD, path, O_PATH | O_NOFOLLOW),
    at,
  );
  if (stat(context, rootfs.number).type === S_IFDIR) return;
  throw new RuntimeError('invalid-config', `${path} is not a directory`, { at });
}
