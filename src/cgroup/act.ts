/** All that is done to cgroups. */
export { applyCpuset, applyLimits } from './apply.js';
export { createCgroups } from './create.js';
export { destroyCgroups } from './destroy.js';
export { openEntrances } from './entrances.js';
export { freeze, isFrozen, thaw } from './freezer.js';
export { memoryStory, oomKills } from './oom.js';
export { killAll, processesIn } from './processes.js';
export { applyUpdate, updateCgroups } from './update.js';
