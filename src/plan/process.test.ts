import { describe, expect, it, test } from 'vitest';
import type { LinuxCapabilities, Process } from '../generated/spec-types.js';
import { capabilityBit, capabilitySet } from '../linux/capabilities.js';
import { facts, withLinux, withProcess } from '../testing/plans.js';
import type { Facts } from './facts.js';
import { capabilityWarnings, planCapabilities, planProcess } from './process.js';

const plan = (change: Partial<Process>, listenFds = 0, preserveFds = 0) =>
  planProcess(withProcess(change), { ...facts, listenFds }, preserveFds);

const set = (...names: string[]) =>
  capabilitySet(names.map((name) => capabilityBit(`CAP_${name}`)));
const names = (...short: string[]) =>
  short.map((name) => `CAP_${name}`) as LinuxCapabilities['bounding'] & object;

const unavailable = 'is not available here and is left out';

describe('environment', () => {
  it('has of several values for a name the last one, in the place of the first', () => {
    expect(plan({ env: ['A=1', 'B=2', 'A=3', 'C=', 'B=='] }).env).toEqual(['A=3', 'B==', 'C=']);
  });

  it('tells of the descriptors that systemd passed', () => {
    const { env, extraFds } = plan({ env: ['A=1'] }, 2, 3);
    expect(env).toEqual(['A=1', 'LISTEN_FDS=2', 'LISTEN_PID=1']);
    expect(extraFds).toBe(5);
    expect(plan({ env: ['A=1'] }, 0, 3)).toMatchObject({ env: ['A=1'], extraFds: 3 });
  });
});

test('the user has what the configuration says, and a umask that is usual', () => {
  expect(plan({ user: { uid: 5, gid: 6, additionalGids: [7, 8], umask: 0 } })).toMatchObject({
    uid: 5,
    gid: 6,
    groups: [7, 8],
    umask: 0,
  });
  expect(plan({ user: { uid: 5, gid: 6 } })).toMatchObject({ groups: [], umask: 0o022 });
});

const having = (capabilities: Facts['capabilities']): Facts => ({ ...facts, capabilities });

describe('capabilities', () => {
  it('are none when the configuration has none', () => {
    const sets = Object.values(planCapabilities(undefined, facts.capabilities));
    expect(sets).toEqual(Array.from({ length: 5 }, () => set()));
  });

  it('are what is asked for, but effective ones are permitted and ambient ones inheritable', () => {
    const asked = {
      bounding: names('KILL', 'CHOWN', 'BPF'),
      effective: names('KILL', 'CHOWN'),
      permitted: names('KILL', 'NET_RAW'),
      inheritable: names('NET_RAW', 'CHOWN'),
      ambient: names('NET_RAW', 'CHOWN', 'KILL'),
    };
    expect(planCapabilities(asked, facts.capabilities)).toEqual({
      bounding: set('KILL', 'CHOWN', 'BPF'),
      effective: set('KILL'),
      permitted: set('KILL', 'NET_RAW'),
      inheritable: set('NET_RAW', 'CHOWN'),
      ambient: set('NET_RAW'),
    });
  });

  it('are never more than the caller has', () => {
    const asked = { bounding: names('KILL', 'BPF'), permitted: names('KILL', 'CHOWN') };
    expect(planCapabilities(asked, set('KILL'))).toMatchObject({
      bounding: set('KILL'),
      permitted: set('KILL'),
    });
  });

  it('that nobody can be given are told once each', () => {
    const asked = {
      bounding: ['CAP_KILL', 'CAP_FUTURE', 'CAP_CHOWN'],
      effective: ['CAP_FUTURE'],
    } as unknown as LinuxCapabilities;
    const spec = withProcess({ capabilities: asked });
    expect(capabilityWarnings(spec, having(set('KILL')))).toEqual(
      ['CAP_FUTURE', 'CAP_CHOWN'].map((name) => `capability ${name} ${unavailable}`),
    );
    const none = withProcess({ capabilities: {} });
    expect(capabilityWarnings(none, having(set()))).toEqual([]);
  });

  it('that a set cannot have for what another one lacks are told', () => {
    const spec = withProcess({
      capabilities: {
        permitted: names('KILL', 'CHOWN', 'BPF'),
        effective: names('KILL', 'NET_RAW', 'BPF'),
        inheritable: names('KILL'),
        ambient: names('KILL', 'CHOWN', 'BPF'),
      },
    });
    expect(capabilityWarnings(spec, having(set('KILL', 'CHOWN', 'NET_RAW')))).toEqual([
      `capability CAP_BPF ${unavailable}`,
      'capability CAP_NET_RAW is left out of the effective set, since it is not permitted',
      'capability CAP_CHOWN is left out of the ambient set, since it is not both permitted and inheritable',
    ]);
  });

  it('are all to be had in a user namespace', () => {
    const spec = withLinux({ namespaces: [{ type: 'user' }] });
    expect(capabilityWarnings(spec, having(set()))).toEqual([]);
    expect(planProcess(spec, having(set()), 0).capabilities.bounding).toEqual(
      set('AUDIT_WRITE', 'KILL', 'NET_BIND_SERVICE'),
    );
  });
});
