import { expect, test, vi } from 'vitest';
import { templateText } from '../../spec/template.js';
import { type Caller, fakeEngine } from '../../testing/cli-engine.js';
import { main } from '../cli.js';
import { actions } from './actions.js';

vi.mock('../../generated/build-info.js', () => ({ version: '1.2.3', commit: 'abc' }));

const unified = (_fd: number, buffer: Uint8Array | null): number => {
  new DataView(buffer!.buffer).setUint32(0, 0x63677270, true);
  return 0;
};

function spec(argv: readonly string[], caller: Partial<Caller> = {}) {
  const fake = fakeEngine({ argv: ['spec', ...argv], ...caller });
  return { status: main(fake.engine, actions), fake, err: fake.written(2), out: fake.written(1) };
}

test('spec writes the template into the working directory', () => {
  const { status, fake, out, err } = spec([]);
  expect([status, out, err]).toEqual([0, '', '']);
  expect(fake.file('config.json')).toBe(templateText({ cgroupV2: false }));
  expect(fake.calls).toContain('openat2 /home/me');
});

test('spec writes into the bundle, fitting the cgroups and the caller', () => {
  const { fake } = spec(['--rootless', '-b', 'x'], { euid: 1000, natives: { fstatfs: unified } });
  const rootless = { uid: 1000, gid: 1000 };
  expect(fake.file('config.json')).toBe(templateText({ cgroupV2: true, rootless }));
  expect(fake.calls).toContain('openat2 /home/me/x');
});

test('spec replaces no file', () => {
  const openat2 = (_dir: number, path: string): number => (path === 'config.json' ? -17 : 9);
  const { status, err } = spec([], { natives: { openat2 } });
  expect(status).toBe(1);
  expect(err).toContain('File config.json exists. Remove it first');
});

test('spec leaves no half-written file', () => {
  const write = (fd: number, data: Uint8Array | null) => (fd > 2 ? -28 : (data?.length ?? 0));
  const { status, fake } = spec([], { natives: { write } });
  expect(status).toBe(1);
  expect(fake.calls).toContain('unlinkat config.json');
});

test('spec takes no arguments', () => {
  expect(spec(['x']).err).toContain('\\"spec\\" requires exactly 0 argument(s)');
});
