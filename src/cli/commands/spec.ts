import { configExists } from '../../errors/catalog.js';
import { Fd } from '../../host/fd.js';
import { type Context, callFailed } from '../../host/host.js';
import { openAt, openHow, openIfThere, writeText } from '../../host/io.js';
import { fileSystemOf } from '../../host/stat.js';
import {
  AT_FDCWD,
  CGROUP2_SUPER_MAGIC,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_PATH,
  O_WRONLY,
} from '../../linux/constants.js';
import { EEXIST } from '../../linux/errno.js';
import { templateText } from '../../spec/template.js';
import { action } from '../command.js';
import { absolute } from '../paths.js';
import { rows } from '../rows.js';

const fileName = 'config.json';

export const spec = action(rows.spec, (context, { bundle, rootless }) => {
  const { sys } = context.host;
  const text = templateText({
    cgroupV2: isUnified(context),
    ...(rootless === true && { rootless: { uid: sys.geteuid(), gid: sys.getegid() } }),
  });
  using directory = openAt(
    context,
    AT_FDCWD,
    absolute(context, bundle ?? '.'),
    O_PATH | O_DIRECTORY,
  );
  writeNew(context, directory.number, text);
  return 0;
});

/** Never replaces a file, and leaves none behind that is not whole. */
function writeNew(context: Context, directory: number, text: string): void {
  using file = createNew(context, directory);
  try {
    writeText(context, file.number, text);
  } catch (thrown) {
    context.host.raw.unlinkat(directory, fileName, 0);
    throw thrown;
  }
}

function createNew(context: Context, directory: number): Fd {
  const how = openHow(O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666, 0);
  const fd = context.host.raw.openat2(directory, fileName, how, how.length);
  if (fd === -EEXIST) throw configExists();
  if (fd < 0) throw callFailed('openat2', [directory, fileName, how, how.length], -fd);
  return new Fd(context, fd);
}

function isUnified(context: Context): boolean {
  using cgroups = openIfThere(context, AT_FDCWD, '/sys/fs/cgroup', O_PATH | O_DIRECTORY);
  return cgroups !== null && fileSystemOf(context, cgroups.number) === CGROUP2_SUPER_MAGIC;
}
