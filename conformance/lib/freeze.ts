import { existsSync, writeFileSync } from 'node:fs';
import { cgroupFile, textOf } from './machine.js';
import { until } from './until.js';

/** Stops all processes of a cgroup in the way of the host, v1 or v2. */
export async function freeze(path: string): Promise<void> {
  const v1 = cgroupFile('freezer', path, 'freezer.state');
  if (existsSync(v1)) {
    writeFileSync(v1, 'FROZEN');
    await until('it is frozen', () => textOf(v1) === 'FROZEN\n');
    return;
  }
  writeFileSync(cgroupFile('freezer', path, 'cgroup.freeze'), '1');
  const events = cgroupFile('freezer', path, 'cgroup.events');
  await until('it is frozen', () => /^frozen 1$/m.test(textOf(events)));
}
