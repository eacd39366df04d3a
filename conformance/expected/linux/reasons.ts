/** Reasons that several runtimes share. */
const runtime = 'runtime' as const;

export const noMemoryPolicy = {
  whose: runtime,
  reason: 'It does not know linux.memoryPolicy and ignores whatever it says.',
};

export const noNetDevices = {
  whose: runtime,
  reason: 'It does not know linux.netDevices and ignores whatever it says.',
};

export const noBurst = {
  whose: runtime,
  reason: 'It does not know resources.cpu.burst and ignores it.',
};

export const noReservation = {
  whose: runtime,
  reason: 'It limits the use of huge pages, but not their reservation.',
};

export const existingFile = {
  whose: runtime,
  reason: 'It takes whatever lies at the path of a device for the device.',
};

export const authors = {
  whose: 'specification' as const,
  reason:
    'It accepts what the specification forbids to write. Whether a runtime has to notice is not said.',
};

export const relativePath = {
  whose: 'specification' as const,
  reason:
    'It takes a relative path of a namespace as one below the bundle. Whether a runtime has to notice what must not be written is not said.',
};

export const memoryPolicies =
  'memory-preferred memory-bind memory-interleave memory-local memory-preferred_many ' +
  'memory-weighted_interleave memory-bind-flag memory-interleave-flag memory-wrong-mode ' +
  'memory-wrong-nodes memory-wrong-flag memory-wrong-too-many memory-wrong-none';

export const allNetDevices =
  'moved renamed several attributes addresses up missing loopback taken template ' +
  'taken-by-another stays left-alone';

export const existingFiles =
  'existing-file existing-directory existing-minor existing-major existing-type existing-fifo';
