import type { Spec } from '../generated/spec-types.js';
import type { IdentityPlan } from './plan.js';

export const planIdentity = (spec: Spec): IdentityPlan => ({
  hostname: spec.hostname || null,
  domainname: spec.domainname || null,
});
