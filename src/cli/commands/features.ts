import { writeText } from '../../host/io.js';
import { readFeatures } from '../../runtime/features.js';
import { action } from '../command.js';
import { globalOptions } from '../options.js';
import { rows } from '../rows.js';
import { STDOUT } from '../streams.js';

/** An option that is declared and refused is no feature. */
const works = (name: string): boolean =>
  globalOptions.some((option) => option.name === name && !('missing' in option && option.missing));

export const features = action(rows.features, (context) => {
  const found = readFeatures(context, { systemd: works('systemd-cgroup') });
  writeText(context, STDOUT, `${JSON.stringify(found, null, 4)}\n`);
  return 0;
});
