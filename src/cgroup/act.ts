/** All that is done to cgroups. */
export { applyCpuset, applyLimits } from './apply.js';
export { completeCgroups, createCgroups, type Made, undoable } from './create.js';
export { destroyCgroups } from './destroy.js';
export { watchEmptiness } from './emptiness.js';
export { openEntrances } from './entrances.js';
export { freeze, freezerFile, isFrozen, isFrozenBy, thaw } from './freezer.js';
export { memoryStory, oomKills } from './oom.js';
export { type OomWatch, watchOom } from './oom-watch.js';
export { killAll, processesIn } from './processes.js';
export { readCgroupFile } from './stats/source.js';
export { cgroupStats } from './stats/stats.js';
export { joinCgroups } from './systemd/join.js';
export {
  askManager,
  hearOfJobs,
  type Systemd,
  setUnitProperties,
  startUnit,
  stopUnit,
} from './systemd/unit.js';
export { applyUpdate, updateCgroups } from './update.js';
