import { once } from 'node:events';
import { expect } from 'vitest';
import type { Prepare } from '../lib/container.js';
import { isAlive, parentOf, pids, processesWith } from '../lib/machine.js';
import { sendSignal } from '../lib/send-signal.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const script =
  (text: string): Prepare =>
  ({ process }) => {
    process.args = ['sh', '-c', text];
  };

suite('run', ({ it, engine }) => {
  it('answers with the exit code of the container and leaves nothing', async (box) => {
    for (const code of [0, 1, 42, 255]) {
      const container = box.container(script(`exit ${code}`));
      expect(await container.runtime('run')).toMatchObject({
        status: code,
        stdout: '',
        stderr: '',
      });
      expect(box.leftovers()).toEqual([]);
    }
  });

  it('answers with 128 and the number of the signal that ended it', async (box) => {
    const container = box.container(script('echo ready; exec sleep 1000'));
    const running = box.start(container.words('run'));
    await until('it runs', () => running.stdout() === 'ready\n');
    sendSignal(container.pid, 'SIGKILL');
    expect(await running.ended()).toMatchObject({ status: 137, signal: null });
    expect(box.leftovers()).toEqual([]);
  });

  it('forwards the signals that it gets', async (box) => {
    const container = box.container(
      script(
        'for s in HUP INT USR1 USR2 WINCH CONT; do trap "echo $s" $s; done; trap "exit 9" TERM; ' +
          'echo ready; while true; do sleep 1000 & wait; done',
      ),
    );
    const running = box.start(container.words('run'));
    await until('it runs', () => running.stdout() === 'ready\n');
    // About a terminal that the process does not have: httpd would take it as an order to end.
    running.child.kill('SIGWINCH');
    for (const name of ['HUP', 'INT', 'USR1', 'USR2', 'CONT'] as const) {
      running.child.kill(`SIG${name}`);
      await until(`${name} arrives`, () => running.stdout().includes(`${name}\n`));
    }
    running.child.kill('SIGTERM');
    expect(await running.ended()).toMatchObject({ status: 9, stderr: '' });
    expect(running.stdout()).not.toContain('WINCH');
    expect(box.leftovers()).toEqual([]);
  });

  it('reaps what the container leaves behind', async (box) => {
    const container = box.container(({ process, linux }) => {
      process.args = ['sh', '-c', '(sleep 0.01 &) ; echo ready; read line'];
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    const running = box.start(container.words('run'));
    const { status } = await running.ended();
    expect(status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  it('reaps the grandchildren that are left to it while the container runs', async (box) => {
    const container = box.container(({ process, linux }) => {
      const orphans = 'for i in 1 2 3 4 5; do sh -c "sleep 0.01 & exit 0"; done; ';
      process.args = ['sh', '-c', `${orphans} echo ready; exec sleep 1000`];
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    const running = box.start(container.words('run'));
    await until('it runs', () => running.stdout() === 'ready\n');
    const children = () => pids().filter((pid) => parentOf(pid) === running.child.pid);
    await until('nobody but init is left', () => children().length === 1);
    expect(children()).toEqual([container.pid]);
    running.child.kill('SIGKILL');
    await running.ended();
  });

  it('becomes the subreaper of the container’s orphans unless told not to', async (box) => {
    const orphan = 'sh -c "sleep 1000 & exit 0"; echo ready; exec sleep 1000';
    for (const flags of [[], ['-no-subreaper']]) {
      const container = box.container(({ process, linux }) => {
        process.args = ['sh', '-c', orphan];
        linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
      });
      const running = box.start(container.words('run', ...flags));
      await until('it runs', () => running.stdout() === 'ready\n');
      const [left] = processesWith(`${container.cgroup}\n`).filter((pid) => pid !== container.pid);
      expect(left).toBeDefined();
      expect(parentOf(left!) === running.child.pid).toBe(flags.length === 0);
      running.child.kill('SIGTERM');
      await running.ended();
      await until('the orphan is dead too', () => !isAlive(left!));
    }
  });

  it('passes the end of its standard input on', async (box) => {
    const container = box.container(script('cat; echo end'));
    const { status, stdout } = await container.runtime('run');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'end\n' });
  });

  it('returns with --detach when the process runs', async (box) => {
    const container = box.container(script('echo ready; exec sleep 1000'));
    const { status, running } = await container.runtime('run', '--detach');
    expect(status).toBe(0);
    await until('it runs', () => running.stdout() === 'ready\n');
    expect(await container.query()).toMatchObject({ status: 'running', pid: container.pid });
  });

  it('leaves with --keep a stopped container', async (box) => {
    const container = box.container(script('exit 3'));
    expect(await container.runtime('run', '--keep')).toMatchObject({ status: 3 });
    expect(await container.query()).toMatchObject({ status: 'stopped', pid: 0 });
    expect(await container.delete()).toMatchObject({ status: 0 });
  });

  it('ends with status 1 and leaves nothing when the runtime fails', async (box) => {
    for (const flags of [[], ['--detach'], ['--keep']]) {
      const container = box.container(({ process }) => {
        process.args = ['no-such-program'];
      });
      const { status, stdout, stderr } = await container.runtime('run', ...flags);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/run failed: .*executable file not found in \$PATH/);
      expect(box.leftovers()).toEqual([]);
    }
  });

  it('refuses an id that is taken, without harm to who has it', async (box) => {
    const container = box.container(script('echo ready; exec sleep 1000'));
    const pid = await container.started();
    const second = await box.runtime('run', '--bundle', container.bundle, container.id);
    expect(second.status).toBe(1);
    expect(second.stderr).toContain('container with given ID already exists');
    expect(await container.query()).toMatchObject({ status: 'running', pid });
  });

  if (engine.quick)
    it('leaves something that delete --force can clean when it is killed', async (box) => {
      const container = box.container(script('echo ready; exec sleep 1000'));
      const running = box.start(container.words('run'));
      await until('it runs', () => running.stdout() === 'ready\n');
      const exit = once(running.child, 'exit');
      running.child.kill('SIGKILL');
      await exit;
      expect(await container.delete('--force')).toMatchObject({ status: 0, stderr: '' });
      expect(box.leftovers()).toEqual([]);
    });
});
