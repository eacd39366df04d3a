import { afterEach, expect, test, vi } from 'vitest';
import { checks } from './checks.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const virtualMachine = checks.find(({ name }) => name === 'virtual machine');

test('the virtual machine is skipped where nobody has asked for it, and says how to', async () => {
  vi.stubEnv('CI', '');
  const output = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await virtualMachine?.run()).toEqual({ passed: 0, failed: 0, skipped: 1 });
  expect(output.mock.calls.join()).toMatch(/Skipped: the virtual machine .*(test:vm|takes root)/);
});

test('the virtual machine is skipped without root, and says so; in CI that is a failure', async () => {
  vi.stubGlobal('process', Object.assign(Object.create(process), { getuid: () => 1000 }));
  const output = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.stubEnv('CI', '');
  expect(await virtualMachine?.run()).toEqual({ passed: 0, failed: 0, skipped: 1 });
  expect(output.mock.calls.join()).toContain('the virtual machine takes root');
  vi.stubEnv('CI', 'true');
  await expect(virtualMachine?.run()).rejects.toThrow('takes root');
});
