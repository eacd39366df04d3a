import { join } from 'node:path';
import { type Engine, engines, underV2, unifiedMount } from './engines.js';
import { cgroupFile, hierarchies } from './machine.js';
import { type Suite, suite } from './suite.js';

export interface CgroupView {
  readonly name: 'v1' | 'v2';
  readonly engines: readonly Engine[];
  /** A file of a cgroup; v2 has them all in one directory. */
  file(controller: string, cgroup: string, name: string): string;
}

const v1: CgroupView = { name: 'v1', engines, file: cgroupFile };

const v2: CgroupView = {
  name: 'v2',
  engines: engines.map(underV2),
  file: (_, cgroup, name) => join(unifiedMount, cgroup, name),
};

const has = (wanted: (controllers: readonly string[]) => boolean): boolean =>
  hierarchies().some(({ controllers }) => wanted(controllers));

/** Ways to see the cgroups of this machine: as it has them, and v2 alone on one that is hybrid. */
export const cgroupViews: readonly CgroupView[] = [
  ...(has((controllers) => controllers.includes('freezer')) ? [v1] : []),
  ...(has((controllers) => controllers.length === 0) ? [v2] : []),
];

/** The same tests in each view. */
export function suiteInViews(
  title: string,
  define: (suite: Suite & { readonly view: CgroupView }) => void,
): void {
  for (const view of cgroupViews)
    suite(`${title} on ${view.name}`, (given) => define({ ...given, view }), view.engines);
}
