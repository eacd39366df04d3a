import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import { startCall } from '../lib/call.js';
import type { Container, Prepare } from '../lib/container.js';
import { helper } from '../lib/helpers.js';
import { inUserNamespace, openBox, othersRun } from '../lib/ids.js';
import { isAlive } from '../lib/machine.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

/** A service manager, and what it has heard: `READY=1| 0`, the newline as a bar, descriptors. */
async function manager(box: Box, { name = join(box.folder, 'manager'), hold = false } = {}) {
  const words = [helper('service-manager'), name, ...(hold ? ['hold'] : [])];
  const running = startCall(box.folder, words);
  await until('the manager listens', () => running.stdout() === 'listening\n');
  const heard = () => running.stdout().trimEnd().split('\n').slice(1);
  return {
    env: { NOTIFY_SOCKET: name },
    heard,
    child: running.child,
    letGo: () => running.child.kill('SIGUSR1'),
    hears: (count: number) => until('the manager hears of it', () => heard().length >= count),
    async end() {
      running.child.kill('SIGKILL');
      await running.ended();
    },
  };
}

const untilGo = 'while ! [ -e /go ]; do usleep 1000; done; ';

const saying =
  (script: string): Prepare =>
  ({ process }, { rootfs }) => {
    process.args = ['sh', '-c', script];
    copyFileSync(helper('sd-notify'), join(rootfs, 'bin/sd-notify'));
  };

const go = ({ rootfs }: Container) => writeFileSync(join(rootfs, 'go'), '');

const told = (pid: number | undefined) => ['READY=1| 0', `MAINPID=${pid}| 0`, 'BARRIER=1 1'];

suite('the service manager', ({ it, engine }) => {
  it('is told by run that the container is ready, and to watch the runtime', async (box) => {
    const service = await manager(box);
    const container = box.container(saying(`echo up; ${untilGo} sd-notify READY=1; exit 7`));
    const { env } = service;
    const running = box.start(container.words('run'), { env });
    await until('it runs', () => running.stdout() === 'up\n');
    expect(service.heard()).toEqual([]);
    go(container);
    expect(await running.ended()).toMatchObject({ status: 7, stderr: '' });
    await service.hears(3);
    expect(service.heard()).toEqual(told(running.child.pid));
    await service.end();
  });

  it('does not keep run from forwarding signals', async (box) => {
    const service = await manager(box);
    const container = box.container(
      saying('trap "exit 9" TERM; echo up; while true; do sleep 1000 & wait; done'),
    );
    const running = box.start(container.words('run'), { env: service.env });
    await until('it runs', () => running.stdout() === 'up\n');
    running.child.kill('SIGTERM');
    expect(await running.ended()).toMatchObject({ status: 9 });
    expect(service.heard()).toEqual([]);
    await service.end();
  });

  it('is told by run --detach, which returns then, to watch the container', async (box) => {
    const service = await manager(box, { hold: true });
    const container = box.container(
      saying(`echo up; ${untilGo} sd-notify STATUS=starting READY=1; exec sleep 1000`),
    );
    const running = box.start(container.words('run', '--detach'), { env: service.env });
    await until('it runs', () => running.stdout() === 'up\n');
    go(container);
    await service.hears(3);
    expect(service.heard()).toEqual(told(container.pid));
    // The manager may look at the runtime until it closes what came with BARRIER=1.
    expect(isAlive(running.child.pid!)).toBe(true);
    service.letGo();
    expect(await running.ended()).toMatchObject({ status: 0, stderr: '' });
    expect(await container.status()).toBe('running');
    await service.end();
  });

  it('is told by start, while which the container can be looked at, killed and deleted', async (box) => {
    for (const patient of [true, false]) {
      const service = await manager(box, { name: join(box.folder, `manager-${patient}`) });
      const { env } = service;
      const container = box.container(
        saying(`echo up; ${untilGo} sd-notify READY=1; exec sleep 1000`),
      );
      const created = await box.with({ env }, ...container.words('create'));
      expect(created.status).toBe(0);
      const starting = box.start(['start', container.id], { env });
      await until('it runs', () => created.running.stdout() === 'up\n');
      expect(await container.status()).toBe('running');
      if (patient) go(container);
      else expect(await container.delete('--force')).toMatchObject({ status: 0 });
      // An end is an answer as well.
      expect(await starting.ended()).toMatchObject({ status: 0, stderr: '' });
      if (patient) await service.hears(3);
      expect(service.heard()).toEqual(patient ? told(container.pid) : []);
      await service.end();
    }
  });

  it('hears the line that matters alone, wherever it stands, and once', async (box) => {
    const service = await manager(box);
    const messages = "STATUS=x 'X=1\\nREADY=1\\nFDSTORE=1' READY=2";
    const container = box.container(saying(`sd-notify ${messages} || true; sleep 1000`));
    const run = await box.with({ env: service.env }, ...container.words('run', '--detach'));
    expect(run.status).toBe(0);
    expect(service.heard()).toEqual(told(container.pid));
    await service.end();
  });

  it('is told of a container that is ready and has ended at once', async (box) => {
    const service = await manager(box);
    const container = box.container(saying('exec sd-notify READY=1'));
    const run = await box.with({ env: service.env }, ...container.words('run', '--detach'));
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(service.heard()).toEqual(told(container.pid));
    await service.end();
  });

  it('is not told of one that never was ready, which nobody waits for any longer', async (box) => {
    const service = await manager(box);
    const container = box.container(saying('exit 3'));
    const run = await box.with({ env: service.env }, ...container.words('run', '--detach'));
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(service.heard()).toEqual([]);
    await service.end();
  });

  it('may listen in the abstract namespace', async (box) => {
    const name = `@runts-test-${process.pid}-${engine.quick}`;
    const service = await manager(box, { name });
    const container = box.container(saying('exec sd-notify READY=1'));
    expect(
      await box.with({ env: service.env }, ...container.words('run', '--detach')),
    ).toMatchObject({ status: 0, stderr: '' });
    expect(service.heard()).toEqual(told(container.pid));
    await service.end();
  });

  it('may be told by any user of the container, also in a user namespace', async (box) => {
    if (!othersRun(engine)) return;
    openBox(box);
    const service = await manager(box);
    const prepare = inUserNamespace(box, ({ process }) => {
      process.user = { uid: 1000, gid: 1000 };
    });
    const container = box.container((config, paths) => {
      prepare(config, paths);
      saying('sd-notify READY=1')(config, paths);
    });
    const script = 'umask 077; exec "$@"';
    const words = ['--root', box.root, ...container.words('run', '--detach')];
    const command = ['sh', '-c', script, 'sh', ...engine.command, ...words];
    const run = await startCall(box.folder, command, { env: service.env }).ended();
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(service.heard()).toEqual(told(container.pid));
    await service.end();
  });

  it('is out of reach of the container, which finds its own socket alone', async (box) => {
    const service = await manager(box);
    const script =
      'echo $NOTIFY_SOCKET; ls /run/notify; touch /run/notify/x 2>/dev/null || echo read-only; ' +
      "grep ' /run/notify ' /proc/self/mountinfo | cut -d' ' -f6";
    const container = box.container((config, paths) => {
      saying(script)(config, paths);
      // The caller's is none of the container's business, nor is one of the configuration.
      config.process.env.push('NOTIFY_SOCKET=/configured');
    });
    const { stdout } = await box.with({ env: service.env }, ...container.words('run'));
    const [variable, file, refused, options] = stdout.split('\n');
    expect([variable, file, refused]).toEqual([
      ...['/run/notify/notify.sock', 'notify.sock', 'read-only'],
    ]);
    expect(options!.split(',').sort()).toEqual(
      expect.arrayContaining(['nodev', 'noexec', 'nosuid', 'ro']),
    );
    await service.end();
  });

  it('that there is not leaves the container as it is configured', async (box) => {
    for (const env of [{}, { NOTIFY_SOCKET: '' }] as const) {
      const container = box.container(({ process }) => {
        process.args = ['sh', '-c', 'echo "<$NOTIFY_SOCKET>"; ls -d /run/notify'];
      });
      const run = await box.with({ env }, ...container.words('run', '--keep'));
      expect(run).toMatchObject({ status: 1, stdout: '<>\n' });
      expect(readdirSync(container.state)).toEqual(['state.json']);
    }
  });

  it('that has gone is warned of, and the container runs', async (box) => {
    const service = await manager(box);
    const container = box.container(
      saying(`echo up; ${untilGo} sd-notify READY=1; exec sleep 1000`),
    );
    const running = box.start(container.words('run', '--detach'), { env: service.env });
    await until('it runs', () => running.stdout() === 'up\n');
    await service.end();
    rmSync(service.env.NOTIFY_SOCKET);
    go(container);
    const { status, stderr } = await running.ended();
    expect(status).toBe(0);
    expect(stderr).toMatch(/level=warning msg="not told that the container is ready: .*ENOENT/);
    expect(await container.status()).toBe('running');
  });

  it('cannot be where its variable does not lead, and nothing is made then', async (box) => {
    const relative = box.container();
    for (const name of ['relative', 'vsock:2:1']) {
      const env = { NOTIFY_SOCKET: name };
      const { status, stderr } = await box.with({ env }, ...relative.words('create'));
      expect(status).toBe(1);
      expect(stderr).toContain(`NOTIFY_SOCKET=${name} is not supported`);
      expect(box.leftovers()).toEqual([]);
    }
    const env = { NOTIFY_SOCKET: '/no/such/manager' };
    const bare = box.container(({ linux, ...config }) => {
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'mount');
      Object.assign(config, { mounts: [] });
      Object.assign(linux, { maskedPaths: [], readonlyPaths: [] });
    });
    Object.assign(bare.config, { mounts: [] });
    bare.write();
    const { stderr } = await box.with({ env }, ...bare.words('create'));
    expect(stderr).toContain('/linux/namespaces: NOTIFY_SOCKET needs a mount namespace');
    expect(box.leftovers()).toEqual([]);
  });

  it('has to be there for create if start is to tell it', async (box) => {
    const container = box.container();
    await container.created();
    const env = { NOTIFY_SOCKET: '/no/such/manager' };
    const { status, stderr } = await box.with({ env }, 'start', container.id);
    expect(status).toBe(1);
    expect(stderr).toContain('the container was created without NOTIFY_SOCKET');
    expect(await container.status()).toBe('created');
    expect(await container.start()).toMatchObject({ status: 0 });
  });

  it('is none of the business of exec', async (box) => {
    const container = box.container(({ process }) => {
      process.args = ['sleep', '1000'];
    });
    await container.started();
    const env = { NOTIFY_SOCKET: '/no/such/manager' };
    const words = container.execWords([], 'sh', '-c', 'echo "<$NOTIFY_SOCKET>"');
    expect(await box.with({ env }, ...words)).toMatchObject({ status: 0, stdout: '<>\n' });
    expect(existsSync(join(container.rootfs, 'run'))).toBe(false);
  });
});
