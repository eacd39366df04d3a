import { commit, version } from '../generated/build-info.js';
import { specVersion } from '../generated/spec-version.js';
import type { Engine } from '../host/engine.js';
import { programName } from './rows.js';

/** The lines that go-runc, dockerd and Podman look for. */
export function versionText({ natives }: Engine): string {
  const lines = [
    `${programName} version ${version}`,
    `commit: ${commit || 'unknown'}`,
    `spec: ${specVersion}`,
    ...libseccompLine(natives.seccompVersion()),
  ];
  return `${lines.join('\n')}\n`;
}

/** The native answers 0 or less where no libseccomp is linked in. */
function libseccompLine(packed: number): string[] {
  if (packed <= 0) return [];
  return [`libseccomp: ${packed >> 16}.${(packed >> 8) & 0xff}.${packed & 0xff}`];
}
