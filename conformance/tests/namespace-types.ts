import { readlinkSync } from 'node:fs';
import type { Config } from '../lib/config.js';
import { kernel } from '../runner/host.js';
import type { Need } from '../runner/test.js';

/** Types of the specification, and the files of /proc/PID/ns. */
export const files = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
} as const;

export type Type = keyof typeof files;

export const types = Object.keys(files) as Type[];

export const needs: Readonly<Record<string, readonly Need[]>> = {
  time: [kernel(5, 6)],
  cgroup: [kernel(4, 6)],
};

export const ours = (type: Type): string => readlinkSync(`/proc/self/ns/${files[type]}`);

export const without = ({ linux }: Config, type: Type): void => {
  linux.namespaces = linux.namespaces.filter((each) => each.type !== type);
};

export const withPath = (config: Config, type: Type, path?: string): void => {
  without(config, type);
  config.linux.namespaces.push(path === undefined ? { type } : { type, path });
};

/** What speaks of a namespace that is not the container's own any more. */
export const adapt: Partial<Record<Type, (config: Config) => void>> = {
  uts: (config) => {
    delete config.hostname;
  },
  network: (config) => {
    config.mounts = config.mounts.filter(({ type }) => type !== 'sysfs');
  },
};

const ids = [{ containerID: 0, hostID: 0, size: 65_536 }];

export const asNew = (config: Config, type: Type): void => {
  withPath(config, type);
  if (type === 'user' && config.linux.uidMappings === undefined)
    Object.assign(config.linux, { uidMappings: ids, gidMappings: ids });
};
