import { NotTestable } from '../../runner/test.js';
import { succeeds, type Trial } from '../../runner/trial.js';
import { areFeatures, type FeaturesDocument } from './schema.js';

/** What `features` prints, unchecked; a runtime may have no such command. */
export async function rawFeatures(trial: Trial): Promise<unknown> {
  const { status, stdout } = await trial.bare(['features']);
  if (status !== 0) throw new NotTestable('the runtime has no features command, which is optional');
  return JSON.parse(stdout);
}

export const featuresOf = async (trial: Trial): Promise<FeaturesDocument> =>
  areFeatures(await rawFeatures(trial));

/** Negative, zero or positive: SemVer 2.0.0, whose pre-releases come before the release. */
export function compareVersions(a: string, b: string): number {
  const [core, otherCore] = [a, b].map((text) => text.split(/[-+]/)[0]!.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (core?.[index] ?? Number.NaN) - (otherCore?.[index] ?? Number.NaN);
    if (difference !== 0) return difference;
  }
  const [early, otherEarly] = [a, b].map((text) => text.split('+')[0]!.includes('-'));
  return Number(otherEarly) - Number(early);
}

/** A container of that version can live. */
export async function acceptsVersion(trial: Trial, ociVersion: string): Promise<void> {
  const container = trial.container((config) => {
    config.ociVersion = ociVersion;
  });
  await container.started();
  await container.ended();
  await succeeds(container.delete());
}
