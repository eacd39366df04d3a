import { readdirSync } from 'node:fs';
import { aptFolder } from './apt.js';
import { Complaint } from './complaint.js';
import { findProgram } from './paths.js';
import { progress } from './progress.js';
import { type Requirement, requirementSets, type SetName } from './requirements.js';
import { quietly } from './run.js';

/** Brings the machine to where the named sets need it; costs next to nothing when it is there. */
export async function ensurePackages(...names: readonly SetName[]): Promise<void> {
  const needed = missing(names.flatMap((name) => requirementSets[name].needed));
  const optional = missing(names.flatMap((name) => requirementSets[name].optional));
  if (needed.length + optional.length === 0) return;
  if (canInstall()) await installAll(packagesOf(needed), packagesOf(optional));
  const stillNeeded = missing(needed);
  if (stillNeeded.length > 0) throw new Complaint(...reportOf(stillNeeded));
  const left = missing(optional);
  if (left.length > 0) progress(`Going on without ${describe(left)}: tests that want it skip`);
}

function missing(requirements: readonly Requirement[]): readonly Requirement[] {
  return requirements.filter(({ isPresent }) => !isPresent());
}

function packagesOf(requirements: readonly Requirement[]): readonly string[] {
  return [...new Set(requirements.map((requirement) => requirement.package))];
}

function describe(requirements: readonly Requirement[]): string {
  return requirements.map(({ what }) => what).join(', ');
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && findProgram('apt-get') !== undefined;
}

/** What is missing, and the command that brings it. */
export function reportOf(requirements: readonly Requirement[]): readonly string[] {
  const lines = requirements.map(({ what, package: owner }) => `  ${what} (Debian: ${owner})`);
  const command = `apt-get install --no-install-recommends ${packagesOf(requirements).join(' ')}`;
  const how = findProgram('apt-get')
    ? `As root, this installs it:\n  ${command}`
    : 'There is no apt-get here: install what brings these with the package manager of this system.';
  return ['This machine lacks', ...lines, how];
}

async function installAll(needed: readonly string[], optional: readonly string[]): Promise<void> {
  if (!hasLists()) await updateLists();
  if (await isInstalledAfter([...needed, ...optional])) return;
  await updateLists();
  if (needed.length > 0) await install(needed);
  // One by one: a release that has no package of one name still has the others.
  for (const name of optional) await isInstalledAfter([name]);
}

/** A mirror drops old versions, so a failure with old lists says nothing yet. */
async function isInstalledAfter(names: readonly string[]): Promise<boolean> {
  try {
    await install(names);
    return true;
  } catch (error) {
    if (error instanceof Complaint) return false;
    throw error;
  }
}

function hasLists(): boolean {
  try {
    return readdirSync(aptFolder('Dir::State::Lists')).some((name) => name.includes('_Packages'));
  } catch {
    return false;
  }
}

async function updateLists(): Promise<void> {
  await quietly('Updating the package lists (apt-get update)', 'apt-get', ['-q', 'update']);
}

async function install(names: readonly string[]): Promise<void> {
  const args = ['-q', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', 'install'];
  // In runlevel 1, invoke-rc.d(8) starts nothing: a machine that tests engines need not run them.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await quietly(`Installing ${names.join(', ')}`, 'apt-get', [...args, ...names], env);
}
