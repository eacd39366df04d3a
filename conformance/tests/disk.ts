import { readdirSync } from 'node:fs';
import { textOf } from '../lib/machine.js';
import { NotTestable } from '../runner/test.js';

/** Numbers of the first disk there is. */
export function disk(): readonly [major: number, minor: number] {
  const name = readdirSync('/sys/block').find((each) => !/^(loop|ram|zram|dm-|md|sr)/.test(each));
  if (name === undefined) throw new NotTestable('needs a disk');
  const [major = 0, minor = 0] = textOf(`/sys/block/${name}/dev`).split(':').map(Number);
  return [major, minor];
}
