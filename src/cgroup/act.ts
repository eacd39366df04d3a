/** All that is done to cgroups. */
export { applyCpuset, applyLimits } from './apply.js';
export { createCgroups } from './create.js';
export { destroyCgroups } from './destroy.js';
export { openEntrances } from './entrances.js';
export { isFrozen, killAll, oomKills, processesIn, thaw } from './processes.js';
