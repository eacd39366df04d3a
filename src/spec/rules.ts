import type { Spec } from '../generated/spec-types.js';
import type { Complaint } from './complaint.js';
import { annotationRules } from './rules/annotations.js';
import { deviceRules } from './rules/devices.js';
import { documentRules } from './rules/document.js';
import { hookRules } from './rules/hooks.js';
import { mountRules } from './rules/mounts.js';
import { namespaceRules } from './rules/namespaces.js';
import { processRules } from './rules/process.js';
import { resourceRules } from './rules/resources.js';
import type { Rule } from './rules/rule.js';
import { schedulingRules } from './rules/scheduling.js';
import { seccompRules } from './rules/seccomp.js';
import { sysctlRule } from './rules/sysctl.js';
import { tuningRules } from './rules/tuning.js';

/** What a schema cannot say, one function for each clause of the specification. */
const rules: readonly Rule[] = [
  ...documentRules,
  ...annotationRules,
  ...processRules,
  ...mountRules,
  ...namespaceRules,
  sysctlRule,
  ...deviceRules,
  ...resourceRules,
  ...seccompRules,
  ...hookRules,
  ...schedulingRules,
  ...tuningRules,
];

export function ruleComplaints(spec: Spec): Complaint[] {
  return rules.flatMap((rule) => rule(spec));
}
