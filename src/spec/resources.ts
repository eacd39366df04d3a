import type { LinuxResources, Spec } from '../generated/spec-types.js';
import { specVersion } from '../generated/spec-version.js';
import { complain } from './complaint.js';
import { parse } from './json.js';
import { readSpec } from './load.js';
import { nulComplaints } from './nul.js';
import { ruleComplaints } from './rules.js';
import { refuseUnsupported } from './unsupported.js';

/** The rest of the configuration is not there, which is no fault here. */
const RESOURCES = '/linux/resources/';
const SWAP = `${RESOURCES}memory/swap`;

/**
 * The limits in a text that is `linux.resources` alone, read and checked as those of a config.json.
 * Whether swap fits to a limit of memory that is not in the text is known where that limit is.
 */
export function loadResources(text: string, readOrExplain: (text: string) => Spec): LinuxResources {
  // One document, before it becomes a part of another one.
  parse(text);
  const whole = `{"ociVersion":"${specVersion}","linux":{"resources":${text}}}`;
  const spec = readSpec(whole, readOrExplain);
  const resources = spec.linux?.resources ?? {};
  const complaints = [...ruleComplaints(spec), ...nulComplaints(whole, spec)].filter(
    ({ at }) => at.startsWith(RESOURCES) && (at !== SWAP || resources.memory?.limit !== undefined),
  );
  if (complaints.length > 0) throw complain(complaints);
  refuseUnsupported(spec);
  return resources;
}
