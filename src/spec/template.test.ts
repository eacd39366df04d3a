import { describe, expect, test } from 'vitest';
import { accepts } from '../generated/accept-config.js';
import { ruleComplaints } from './rules.js';
import { template, templateText } from './template.js';
import { unknownFields } from './unknown.js';

const choices = [
  { cgroupV2: false },
  { cgroupV2: true },
  { cgroupV2: true, rootless: { uid: 1000, gid: 100 } },
];

const typesOf = (choice: (typeof choices)[number]) =>
  template(choice).linux!.namespaces!.map(({ type }) => type);

describe('the template', () => {
  test.each(choices)('for %o breaks no rule', (choice) => {
    expect(accepts(template(choice))).toBe(true);
    expect(ruleComplaints(template(choice))).toEqual([]);
    expect(unknownFields(template(choice))).toEqual([]);
  });

  test('has a cgroup namespace on hosts with cgroup v2', () => {
    expect(typesOf({ cgroupV2: false })).toEqual(['pid', 'network', 'ipc', 'uts', 'mount']);
    expect(typesOf({ cgroupV2: true })).toContain('cgroup');
  });

  test('is text with tabs that reads as the same document', () => {
    const text = templateText({ cgroupV2: true });
    expect(text).toMatch(/^\{\n\t"ociVersion": "1\.3\.0",\n\t"process": \{\n\t\t"terminal": true,/);
    expect(JSON.parse(text)).toEqual(template({ cgroupV2: true }));
  });
});

describe('the template for a caller without root', () => {
  const spec = template({ cgroupV2: true, rootless: { uid: 1000, gid: 100 } });

  test('maps its caller to root in a user namespace', () => {
    expect(spec.linux!.uidMappings).toEqual([{ containerID: 0, hostID: 1000, size: 1 }]);
    expect(spec.linux!.gidMappings).toEqual([{ containerID: 0, hostID: 100, size: 1 }]);
    expect(typesOf(choices[2]!)).toEqual(['pid', 'ipc', 'uts', 'mount', 'cgroup', 'user']);
  });

  test('asks for nothing that only root can have', () => {
    expect(spec.linux).not.toHaveProperty('resources');
    expect(JSON.stringify(spec.mounts)).not.toContain('gid=');
    const sys = spec.mounts!.find(({ destination }) => destination === '/sys');
    expect(sys).toMatchObject({ type: 'none', source: '/sys' });
    expect(sys!.options).toContain('rbind');
  });
});
