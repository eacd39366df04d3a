/** What happens at the edges: too little memory, nobody who listens, a parent that is killed. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupFile, cgroupsOf, textOf } from '../../lib/machine.js';
import { until } from '../../lib/until.js';
import { controller, kernel, manyIds, notRoot } from '../../runner/host.js';
import { NotTestable, subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { heardBy, messageIn, written } from '../help.js';

const tooLittle = 64 * 1024;

/** Whoever was killed in it may not be gone yet. */
function isRemoved(cgroup: string): boolean {
  try {
    for (const path of cgroupsOf(cgroup)) rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A cgroup in which no container has room. */
async function squeezed(trial: Trial, act: (path: string) => Promise<void>): Promise<void> {
  const outer = `/${trial.container().id}`;
  const isV2 = trial.host.cgroups === 'v2';
  const folder = join(cgroupFile('memory', outer, '.'));
  mkdirSync(folder);
  try {
    if (isV2) writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory');
    const file = isV2 ? 'memory.max' : 'memory.limit_in_bytes';
    writeFileSync(join(folder, file), String(tooLittle));
    await act(outer);
  } finally {
    await until('no cgroup is left', () => isRemoved(`${outer}/inner`) && isRemoved(outer));
  }
}

export const edgeTests = subject('engine-edges', (test) => {
  test(
    'memory',
    'create in a cgroup without room: `container init was OOM-killed (memory limit too low?)`',
    { proves: ['logging/memory', 'commands/create-undone'], needs: [controller('memory')] },
    (trial) =>
      squeezed(trial, async (outer) => {
        const container = trial.container(({ linux }) => {
          linux.cgroupsPath = `${outer}/inner`;
        });
        const { status, stderr } = await container.create();
        if (status === 0) await container.delete('--force');
        equal(status, 1);
        const words = /container init was OOM-killed \(memory limit too low\?\)/;
        match(messageIn(stderr), words);
        ok(!existsSync(container.state));
      }),
  );

  test(
    'seccomp-agent',
    'A seccomp agent at whose socket nobody listens: `failed to connect with seccomp agent`',
    { proves: ['logging/seccomp', 'commands/create-undone'], needs: [kernel(5, 5)] },
    async (trial) => {
      const said = await trial.refused(({ linux }) => {
        linux.seccomp = {
          defaultAction: 'SCMP_ACT_ALLOW',
          listenerPath: trial.file('socket'),
          syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
        };
      });
      match(messageIn(said), /failed to connect with seccomp agent/);
    },
  );

  for (const [slug, words, says] of [
    ['option', ['create', '--bogus'], /flag provided but not defined: -{1,2}bogus$/],
    ['count', ['start'], /"start" requires exactly 1 argument/],
    ['command', ['froodle'], /No help topic for 'froodle'/],
  ] as const)
    test(
      `usage-${slug}`,
      `${words.join(' ')} is recorded in the log`,
      { proves: ['logging/usage'] },
      async (trial) => {
        const log = trial.file('log');
        await fails(trial.runtime('--log', log, '--log-format', 'json', ...words));
        const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
        const { level, msg } = JSON.parse(lines.at(-1) ?? '');
        equal(level, 'error');
        match(msg, says);
      },
    );

  test(
    'quiet-log',
    'Commands of a container’s life that succeed leave the log empty',
    { proves: ['logging/quiet-log'] },
    async (trial) => {
      const log = trial.file('log');
      const globals = ['--log', log, '--log-format', 'json'];
      const container = trial.container(({ process }) => {
        process.args = ['/probe', 'wait'];
      });
      await succeeds(trial.runtime(...globals, ...container.words('create')));
      for (const verb of ['start', 'state']) {
        await succeeds(trial.runtime(...globals, verb, container.id));
      }
      await succeeds(trial.runtime(...globals, 'kill', container.id, 'KILL'));
      await container.ended();
      await succeeds(trial.runtime(...globals, 'delete', container.id));
      equal(textOf(log), '');
    },
  );

  test(
    'killed-idle',
    'A program does not run whose create was killed at any moment',
    { proves: ['commands/create-killed-idle'] },
    async (trial) => {
      for (const moment of [2, 6, 10, 14, 20]) {
        const container = trial.container(({ process }) => {
          process.args = ['/probe', 'to', '/tmp/report'];
        });
        const create = trial.start(['create', '--bundle', container.bundle, container.id]);
        const after = performance.now() + moment;
        await until('the moment has come', () => performance.now() >= after);
        create.child.kill('SIGKILL');
        await create.ended();
        await succeeds(container.delete('--force'));
        equal(written(container, 'report'), '');
        // There are runtimes that find what was left only when the id is used again.
        await succeeds(container.create());
        await succeeds(container.delete('--force'));
        equal(written(container, 'report'), '');
      }
      await trial.expectNothingLeft();
    },
  );

  test(
    'notify-user',
    'A process of another user tells that it is ready too',
    { proves: ['protocols/notify-user', 'protocols/notify'], needs: [manyIds] },
    async (trial) => {
      const container = trial.container(({ process }, { rootfs }) => {
        chmodSync(join(rootfs, 'tmp'), 0o777);
        process.user = { uid: 1000, gid: 1000 };
        process.args = ['/probe', 'notify', 'READY=1', 'to', '/tmp/report', 'exit', '0'];
      });
      const [first] = await heardBy(trial, async (env) => {
        await succeeds(trial.with({ env }, ...container.words('create')));
        await succeeds(trial.with({ env }, 'start', container.id));
      });
      deepEqual([first?.text.trimEnd(), first?.descriptors], ['READY=1', 0]);
    },
  );

  test(
    'rootless-strict',
    'A user who may not make the cgroup is forgiven by auto and true, and not by false',
    { proves: ['command-line/rootless-strict'], needs: [notRoot] },
    async (trial) => {
      for (const value of ['auto', 'true', 'false']) {
        const container = trial.container();
        const words = [`--rootless=${value}`, ...container.words('create')];
        const { status, stderr } = await trial.runtime(...words);
        if (status === 0 && textOf(`/proc/${container.pid}/cgroup`) !== textOf('/proc/self/cgroup'))
          throw new NotTestable('this user may make cgroups');
        equal(status, value === 'false' ? 1 : 0, `${value}: ${stderr}`);
      }
    },
  );
});
