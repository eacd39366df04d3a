import type { Mutation } from './mutation.js';
import { mutationsOf } from './mutation.js';
import { commandLine } from './tables/command-line.js';
import { hooks } from './tables/hooks.js';
import { lifecycle } from './tables/lifecycle.js';
import { limits } from './tables/limits.js';
import { linux } from './tables/linux.js';
import { mounts } from './tables/mounts.js';
import { process as processRows } from './tables/process.js';
import { seccomp } from './tables/seccomp.js';
import { state } from './tables/state.js';
import { values } from './tables/values.js';

/** All that can be broken, one behaviour each. */
export const mutations: readonly Mutation[] = [
  ...mutationsOf('spec', [
    ...processRows,
    ...mounts,
    ...linux,
    ...limits,
    ...seccomp,
    ...hooks,
    ...values,
    ...lifecycle,
    ...state,
  ]),
  ...mutationsOf('engine', commandLine),
];
