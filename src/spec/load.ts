import { accepts } from '../generated/accept-config.js';
import type { Spec } from '../generated/spec-types.js';
import { parseQuickly } from './json.js';

export interface LoadedSpec {
  readonly spec: Spec;
}

/**
 * The configuration in a config.json, or the error that says all that is wrong with it.
 * `readOrExplain` is the function of explain.ts; it is a parameter so that it can be loaded late.
 */
export function loadSpec(text: string, readOrExplain: (text: string) => Spec): LoadedSpec {
  const value = parseQuickly(text);
  const spec = accepts(value) ? (value as Spec) : readOrExplain(text);
  return { spec };
}
