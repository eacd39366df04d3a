import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sendSignal } from '../lib/send-signal.js';
import { suite } from '../lib/suite.js';

suite('start', ({ it, engine }) => {
  it('refuses a container that runs already', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    await container.started();
    const { status, stderr } = await container.start();
    expect(status).toBe(1);
    expect(stderr).toContain('cannot start an already running container');
    expect(await container.status()).toBe('running');
  });

  it('refuses a container that has ended', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['true'];
    });
    await container.started();
    await container.ended();
    const { status, stderr } = await container.start();
    expect(status).toBe(1);
    expect(stderr).toContain('cannot start a container that has stopped');
  });

  it('refuses a container whose init has died, at once', async (box) => {
    const container = box.container();
    const pid = await container.created();
    sendSignal(pid, 'SIGKILL');
    await container.ended(pid);
    const { status, stderr } = await container.start();
    expect(status).toBe(1);
    expect(stderr).toContain('cannot start a container that has stopped');
  });

  it('refuses a container that does not exist', async (box) => {
    const { status, stderr } = await box.runtime('start', 'nobody');
    expect(status).toBe(1);
    expect(stderr).toContain('container does not exist');
  });

  const spoilt = {
    'a file of no known format': ['\x00\x01\x02\x03', 'exec format error'],
    'a script whose interpreter is missing': [
      '#!/no/such/interpreter\n',
      'no such file or directory',
    ],
  } as const;

  for (const [what, [content, message]] of Object.entries(spoilt))
    it(`reports that execve failed for ${what}, as does the container itself`, async (box) => {
      const container = box.container(({ process }, { rootfs }) => {
        process.args = ['/bin/spoilt'];
        writeFileSync(join(rootfs, 'bin/spoilt'), content);
        chmodSync(join(rootfs, 'bin/spoilt'), 0o755);
      });
      const pid = await container.created();
      const { status, stdout, stderr } = await container.start();
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(`exec: \\"/bin/spoilt\\": ${message}`);
      await container.ended(pid);
      expect(container.errorOutput().toLowerCase()).toContain(message);
      expect(await container.status()).toBe('stopped');
      expect(await container.delete()).toMatchObject({ status: 0, stderr: '' });
    });

  if (engine.ours)
    it('is not held up for others by an init that has been stopped', async (box) => {
      const container = box.container();
      const pid = await container.created();
      sendSignal(pid, 'SIGSTOP');
      const start = box.start(['start', container.id]);
      const [state, killed] = [await container.query(), await container.kill('KILL')];
      expect(state.pid).toBe(pid);
      expect(killed).toMatchObject({ status: 0 });
      await container.ended(pid);
      await start.ended();
      expect(await container.delete()).toMatchObject({ status: 0 });
    });
});
