import type { Mutation } from './mutation.js';
import { mutationsOf } from './mutation.js';
import { commandLine } from './tables/command-line.js';
import { contract } from './tables/contract.js';
import { creation } from './tables/creation.js';
import { ending } from './tables/ending.js';
import { exact } from './tables/exact.js';
import { exec } from './tables/exec.js';
import { files } from './tables/files.js';
import { hooks } from './tables/hooks.js';
import { limits } from './tables/limits.js';
import { linux } from './tables/linux.js';
import { mounts } from './tables/mounts.js';
import { options } from './tables/options.js';
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
    ...creation,
    ...ending,
    ...state,
  ]),
  ...mutationsOf('engine', [...commandLine, ...options, ...exec, ...files, ...contract, ...exact]),
];
