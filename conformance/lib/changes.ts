import type { Config } from './config.js';

/** One change of a configuration, for tables of them. */
export type Change = (config: Config) => void;

export const inProcess =
  (field: string, value: unknown): Change =>
  ({ process }) => {
    process[field] = value;
  };

export const inLinux =
  (field: string, value: unknown): Change =>
  ({ linux }) => {
    linux[field] = value;
  };
