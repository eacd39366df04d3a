import { RuntimeError } from '../../errors/error.js';
import type { Spec } from '../../generated/spec-types.js';
import { pointerTo, systemdSubgroup } from '../../spec/annotations.js';
import { annotatedProperties } from './annotations.js';
import { deviceProperties } from './devices.js';
import { type UnitPlace, unitPlace } from './path.js';
import { flag, type Property, text } from './property.js';
import { resourceProperties } from './resources.js';
import type { SystemdFacts, UnitPlan } from './types.js';

/** Where the container's cgroup will be, below the mount point of each hierarchy. */
export function placeUnit({ cgroup, user }: SystemdFacts, { linux }: Spec, id: string): UnitPlace {
  const place = unitPlace(linux?.cgroupsPath, id, user ? 'user.slice' : 'system.slice');
  return { ...place, path: cgroup.replace(/\/+$/, '') + place.path };
}

function refuseSubgroup({ annotations = {} }: Spec): void {
  if (!annotations[systemdSubgroup]) return;
  throw new RuntimeError(
    'not-supported',
    'the container lives in the unit itself, in no sub-cgroup',
    {
      at: pointerTo(systemdSubgroup),
    },
  );
}

/** A unit of two kinds: a scope, which takes processes that are there already, or a slice. */
const kindProperties = ({ unit, slice }: UnitPlace): Property[] =>
  unit.endsWith('.slice')
    ? [['Wants', { signature: 'as', value: [slice] }]]
    : [text('Slice', slice), flag('Delegate', true)];

/** Nobody loads a filter of devices for a user. */
const devices = (spec: Spec, kind: 'v1' | 'v2', { version, user }: SystemdFacts): Property[] =>
  user ? [] : deviceProperties(spec.linux?.resources?.devices ?? [], kind, version);

/** The unit of a container. What the configuration sets by its own words comes last, and holds. */
export function planUnit(
  facts: SystemdFacts,
  kind: 'v1' | 'v2',
  spec: Spec,
  id: string,
  place: UnitPlace,
): UnitPlan {
  refuseSubgroup(spec);
  return {
    name: place.unit,
    takesProcesses: !place.unit.endsWith('.slice'),
    properties: [
      text('Description', `runts container ${id}`),
      ...kindProperties(place),
      flag('MemoryAccounting', true),
      flag('CPUAccounting', true),
      flag(kind === 'v1' ? 'BlockIOAccounting' : 'IOAccounting', true),
      flag('TasksAccounting', true),
      flag('DefaultDependencies', false),
      ...devices(spec, kind, facts),
      ...resourceProperties(spec.linux?.resources ?? {}, kind, facts.version),
      ...annotatedProperties(spec.annotations),
    ],
  };
}
