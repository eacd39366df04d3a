import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from './constants.js';

/** The specification's names (config-linux.md#namespaces) and the kernel's (namespaces(7)). */
export const namespaceKinds = {
  cgroup: { flag: CLONE_NEWCGROUP, file: 'cgroup' },
  ipc: { flag: CLONE_NEWIPC, file: 'ipc' },
  mount: { flag: CLONE_NEWNS, file: 'mnt' },
  network: { flag: CLONE_NEWNET, file: 'net' },
  pid: { flag: CLONE_NEWPID, file: 'pid' },
  time: { flag: CLONE_NEWTIME, file: 'time' },
  user: { flag: CLONE_NEWUSER, file: 'user' },
  uts: { flag: CLONE_NEWUTS, file: 'uts' },
} as const;

export type NamespaceKind = keyof typeof namespaceKinds;
