import { accepts } from '../generated/accept-config.js';
import type { Spec } from '../generated/spec-types.js';
import { complain } from './complaint.js';
import { parse, parseQuickly, putExact } from './json.js';
import { nulComplaints } from './nul.js';
import { ruleComplaints } from './rules.js';
import { refuseUnsupported } from './unsupported.js';

export interface LoadedSpec {
  readonly spec: Spec;
}

/**
 * The configuration in the text of a config.json; or the error that tells all that is wrong.
 * `readOrExplain` is the function of explain.ts: most documents do not need it, so that the caller
 * can load it late.
 */
export function loadSpec(text: string, readOrExplain: (text: string) => Spec): LoadedSpec {
  const spec = readSpec(text, readOrExplain);
  const complaints = [...ruleComplaints(spec), ...nulComplaints(text, spec)];
  if (complaints.length > 0) throw complain(complaints);
  refuseUnsupported(spec);
  return { spec };
}

/** What the schemas allow, whatever the rules say of it. */
export const readSpec = (text: string, readOrExplain: (text: string) => Spec): Spec =>
  readQuickly(text) ?? readExactly(text) ?? readOrExplain(text);

function readQuickly(text: string): Spec | undefined {
  const value = parseQuickly(text);
  return accepts(value) ? (value as Spec) : undefined;
}

function readExactly(text: string): Spec | undefined {
  const { value, exact } = parse(text);
  putExact(exact);
  return accepts(value) ? (value as Spec) : undefined;
}
