import { chmodSync } from 'node:fs';
import { expect } from 'vitest';
import type { Features, Spec } from '../../src/generated/spec-types.js';
import { validate } from '../../src/generated/validate-features.js';
import { refuseUnsupported } from '../../src/spec/unsupported.js';
import type { Box } from '../lib/box.js';
import { suite } from '../lib/suite.js';

async function features(box: Box): Promise<Features> {
  const { status, stdout, stderr } = await box.bare(['features']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Features;
}

const refused = (spec: Partial<Spec>): boolean => {
  try {
    refuseUnsupported({ ociVersion: '1.3.0', ...spec });
    return false;
  } catch {
    return true;
  }
};

suite('features', ({ it }) => {
  it('are one JSON document, with nothing on the standard error', async (box) => {
    expect(validate(await features(box))).toBeNull();
  });

  it('name what engines look for', async (box) => {
    const { ociVersionMin, ociVersionMax, mountOptions, linux } = await features(box);
    expect([ociVersionMin, ociVersionMax]).toEqual(['1.0.0', '1.3.0']);
    expect(mountOptions).toEqual(expect.arrayContaining(['bind', 'rro', 'rprivate']));
    expect(linux?.namespaces).toEqual(expect.arrayContaining(['mount', 'pid', 'uts']));
    expect(linux?.mountExtensions?.idmap).toHaveProperty('enabled');
  });

  it('are what a configuration may ask for', async (box) => {
    const { hooks, linux } = await features(box);
    for (const kind of ['createRuntime', 'poststop'] as const)
      expect(hooks?.includes(kind)).toBe(!refused({ hooks: { [kind]: [{ path: '/x' }] } }));
    for (const type of ['pid', 'user', 'time'] as const)
      expect(linux?.namespaces?.includes(type)).toBe(
        !refused({ linux: { namespaces: [{ type }] } }),
      );
    expect(linux?.seccomp?.enabled).toBe(
      !refused({ linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } } }),
    );
  });

  it('are told to anybody, wherever the state root would be', async (box) => {
    chmodSync(box.folder, 0o755);
    const { stdout } = await box.bare(['features']);
    const nobody = { uid: 65534, gid: 65534, env: { XDG_RUNTIME_DIR: '/no/such/directory' } };
    for (const finished of [
      await box.bare(['features'], nobody),
      await box.bare(['--root', '/no/such/root', 'features']),
    ])
      expect(finished).toMatchObject({ status: 0, stdout, stderr: '' });
  });
});
