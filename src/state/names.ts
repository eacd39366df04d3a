/** In the state root, beside the directories of containers: what can be made again at any time. */
export const CACHE = '.cache';
