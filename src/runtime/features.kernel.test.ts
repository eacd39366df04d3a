import { expect, test } from 'vitest';
import { RuntimeError } from '../errors/error.js';
import { seccompArchitectures } from '../linux/seccomp.js';
import { compile } from '../seccomp/compile.js';
import { kernelContext } from '../testing/cgroup-scenario.js';
import { readFeatures } from './features.js';

const context = kernelContext();

/** Those of the other byte order are known, and refused for that. */
function isKnown(name: keyof typeof seccompArchitectures): boolean {
  try {
    compile(context, { defaultAction: 'SCMP_ACT_ALLOW', architectures: [name] });
    return true;
  } catch (thrown) {
    if (thrown instanceof RuntimeError) return thrown.message.includes('byte order');
    throw thrown;
  }
}

test('features list the architectures that the linked libseccomp knows', () => {
  const { linux } = readFeatures(context, { systemd: false });
  const known = (Object.keys(seccompArchitectures) as (keyof typeof seccompArchitectures)[])
    .filter(isKnown)
    .sort();
  expect(known.length).toBeGreaterThan(15);
  expect(linux?.seccomp?.archs).toEqual(known);
});
