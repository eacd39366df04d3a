import { clauses } from '../contract/all.js';
import { contractTests } from '../contract/tests/all.js';
import { statements } from '../statements/all.js';
import type { Statement } from '../statements/statement.js';
import { specificationTests } from '../tests/all.js';
import type { Test } from './test.js';

/** What a runtime can be held against. */
export interface Profile {
  readonly title: string;
  readonly statements: readonly Statement[];
  readonly tests: readonly Test[];
}

export const profiles = {
  spec: {
    title: 'OCI runtime specification',
    statements,
    tests: specificationTests,
  },
  engine: {
    title: 'What engines expect of a runtime, as of runc',
    statements: clauses,
    tests: contractTests,
  },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof profiles;
