import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { distRunts, root } from '../../native/setup/paths.js';
import { hierarchies } from '../lib/machine.js';

const program = `${root}/dist/conformance/main.js`;
const isRoot = process.getuid?.() === 0;
const hasV1 = hierarchies().some(({ controllers }) => controllers.includes('memory'));
const hasV2 = hierarchies().some(({ controllers }) => controllers.length === 0);

function suite(view: string) {
  const asked = ['--cgroups', view, '--json', '--filter', 'hostname/set'];
  return spawnSync(process.execPath, [program, '--runtime', distRunts, ...asked], {
    encoding: 'utf8',
  });
}

describe.runIf(isRoot)('a suite that sees some hierarchies only', () => {
  test.each([
    ['v1', hasV1],
    ['v2', hasV2],
  ] as const)('sees cgroup %s alone, and leaves the host as it was', (view, isThere) => {
    const before = hierarchies();
    const { status, stdout, stderr } = suite(view);
    expect(hierarchies()).toEqual(before);
    if (!isThere) {
      expect(status).toBe(2);
      return expect(stderr).toContain('mounted on this host');
    }
    expect(status).toBe(0);
    const [report] = JSON.parse(stdout).reports;
    expect(report.host.cgroups).toBe(view);
    expect(report.results[0].outcome).toBe('pass');
  });
});
