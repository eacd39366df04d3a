import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { suite } from '../lib/suite.js';

suite('spec', ({ it }) => {
  it('writes a configuration into the working directory, indented by tabs', async (box) => {
    const cwd = box.folderFor('bundle');
    const args = ['spec'];
    expect(await box.bare(args, { cwd })).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const text = readFileSync(join(cwd, 'config.json'), 'utf8');
    expect(text).toBe(JSON.stringify(JSON.parse(text), null, '\t'));
    expect(JSON.parse(text)).toMatchObject({
      process: { terminal: true, args: ['sh'], cwd: '/', noNewPrivileges: true },
      root: { path: 'rootfs', readonly: true },
    });
    expect(statSync(join(cwd, 'config.json')).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('writes it into the bundle that is named', async (box) => {
    const bundle = box.folderFor('bundle');
    expect(await box.bare(['spec', '-b', bundle])).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'))).toHaveProperty('linux');
  });

  it('replaces no file', async (box) => {
    const cwd = box.folderFor('bundle');
    writeFileSync(join(cwd, 'config.json'), 'mine');
    const { status, stderr } = await box.bare(['spec'], { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain('File config.json exists. Remove it first');
    expect(readFileSync(join(cwd, 'config.json'), 'utf8')).toBe('mine');
  });

  it('writes for --rootless a user namespace and no network namespace', async (box) => {
    const cwd = box.folderFor('bundle');
    await box.bare(['spec', '--rootless'], { cwd });
    const { linux } = JSON.parse(readFileSync(join(cwd, 'config.json'), 'utf8'));
    const types = linux.namespaces.map(({ type }: { type: string }) => type);
    expect(types).toContain('user');
    expect(types).not.toContain('network');
    expect(linux.uidMappings).toEqual([{ containerID: 0, hostID: 0, size: 1 }]);
    expect(linux.resources).toBeUndefined();
  });

  it('writes what `run` takes, once it needs no terminal', async (box) => {
    const container = box.container();
    const file = join(container.bundle, 'config.json');
    writeFileSync(file, '');
    await box.bare(['spec', '--bundle', box.folderFor('fresh')]);
    const config = JSON.parse(readFileSync(join(box.folder, 'fresh/config.json'), 'utf8'));
    config.process.terminal = false;
    config.process.args = ['/bin/echo', 'works'];
    config.linux.cgroupsPath = container.cgroup;
    writeFileSync(file, JSON.stringify(config));
    expect(await container.runtime('run')).toMatchObject({
      status: 0,
      stdout: 'works\n',
      stderr: '',
    });
  });
});
