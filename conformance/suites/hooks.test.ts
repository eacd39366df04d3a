import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Finished } from '../lib/call.js';
import { type HookKind, hooked, hookKinds, shell, textIn, withHooks } from '../lib/hooks.js';
import { inUserNamespace, uids } from '../lib/ids.js';
import { isAlive, processesWith } from '../lib/machine.js';
import { sendSignal } from '../lib/send-signal.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const namespaces = ['mnt', 'pid', 'net', 'uts', 'ipc'] as const;
const ours = namespaces.map((name) => readlinkSync(`/proc/self/ns/${name}`));

/** Writes what a hook is given and where it is into a file of its kind. */
const look = (kind: string) =>
  `{ cat; echo; pwd; ${namespaces
    .map((name) => `readlink /proc/self/ns/${name};`)
    .join(' ')} } >$shared/${kind}`;

interface Seen {
  readonly state: Record<string, unknown>;
  readonly cwd: string;
  readonly spaces: readonly string[];
}

function seen(box: Box, kind: string): Seen {
  const [state = '', cwd = '', ...spaces] = textIn(box, kind).trimEnd().split('\n');
  return { state: JSON.parse(state), cwd, spaces };
}

const inAll = <T>(make: (kind: HookKind) => T): Record<HookKind, T> =>
  Object.fromEntries(hookKinds.map((kind) => [kind, make(kind)])) as Record<HookKind, T>;

const said = ({ status, stdout, stderr }: Finished) => ({ status, stdout, stderr });
const silently = { status: 0, stdout: '', stderr: '' };

suite('hooks', ({ it }) => {
  it('run where and with what their kind has: namespaces, state, working directory', async (box) => {
    const container = hooked(box, inAll(look), (config) => {
      config.process.args = [
        'sh',
        '-c',
        `${look('process').replaceAll('$shared', '/shared')} </dev/null`,
      ];
      config.process.cwd = '/tmp';
      config.annotations = { 'org.example.key': 'é "value"' };
    });
    const pid = await container.created();
    await container.start();
    await container.ended(pid);
    expect(said(await container.delete())).toEqual(silently);

    const inside = textIn(box, 'process').trimEnd().split('\n').slice(2);
    expect(inside.filter((space) => ours.includes(space))).toEqual([]);
    const { bundle, id, rootfs } = container;
    const state = (status: string, pid?: number) => ({
      ...{ ociVersion: '1.0.2', id, status, bundle },
      ...(pid !== undefined && { pid }),
      annotations: { 'org.example.key': 'é "value"' },
    });
    const expected: Record<HookKind, Seen> = {
      prestart: { state: state('creating', pid), cwd: bundle, spaces: ours },
      createRuntime: { state: state('creating', pid), cwd: bundle, spaces: ours },
      createContainer: { state: state('creating', 1), cwd: rootfs, spaces: inside },
      startContainer: { state: state('created', 1), cwd: '/tmp', spaces: inside },
      poststart: { state: state('running', pid), cwd: bundle, spaces: ours },
      poststop: { state: state('stopped'), cwd: bundle, spaces: ours },
    };
    for (const kind of hookKinds) expect([kind, seen(box, kind)]).toEqual([kind, expected[kind]]);
  });

  it('run in the order of their kinds and of their lists, around the container’s process', async (box) => {
    const note = (kind: string) => [0, 1].map((i) => `echo ${kind} ${i} >>$shared/order`);
    const container = hooked(box, inAll(note), ({ process }) => {
      process.args = ['sh', '-c', 'echo process >>/shared/order'];
    });
    const upTo = (count: number) =>
      hookKinds.slice(0, count).flatMap((kind) => [`${kind} 0`, `${kind} 1`]);
    const order = () => textIn(box, 'order').trimEnd().split('\n');
    const pid = await container.created();
    expect(order()).toEqual(upTo(3));
    await container.start();
    await container.ended(pid);
    const started = order();
    expect(started.slice(0, 8)).toEqual(upTo(4));
    // Nobody says whether the process is quicker than what runs beside it.
    expect([...started].sort()).toEqual([...upTo(5), 'process'].sort());
    await container.delete();
    expect(order().slice(-2)).toEqual(['poststop 0', 'poststop 1']);
  });

  it('of all kinds run in run, which takes the container’s status', async (box) => {
    const container = hooked(
      box,
      inAll((kind) => `echo ${kind} >>$shared/order`),
      ({ process }) => {
        process.args = ['sh', '-c', 'until grep -q poststart /shared/order; do :; done; exit 7'];
      },
    );
    expect(said(await container.runtime('run'))).toEqual({ ...silently, status: 7 });
    expect(textIn(box, 'order').trimEnd().split('\n')).toEqual(hookKinds);
    expect(box.leftovers()).toEqual([]);
  });

  it('see their arguments, and nothing is written where the runtime writes', async (box) => {
    const container = hooked(
      box,
      inAll((kind) => `echo ${kind}; echo ${kind} >&2`),
    );
    expect(said(await container.create())).toEqual(silently);
    expect(said(await container.start())).toEqual(silently);
    await container.ended();
    expect(said(await container.delete())).toEqual(silently);
    expect([container.output(), container.errorOutput()]).toEqual(['', '']);
  });

  it('have the environment of the runtime, in the container that of its process, or their own', async (box) => {
    const list = (file: string) => `env | grep -E '^(FROM|OWN)' | sort >>$shared/${file}; true`;
    const own = { env: ['OWN=1', 'PATH=/bin:/usr/bin'] };
    const container = hooked(box, inAll(list), (config) => {
      config.process.env.push('FROM_CONFIG=1');
      const hooks = config.hooks as Record<HookKind, { args: string[]; env?: string[] }[]>;
      for (const kind of hookKinds)
        hooks[kind].push(
          { ...hooks[kind][0]!, ...own },
          { ...hooks[kind][0]!, args: ['sh', '-c', 'test -z "$FROM_CALLER$FROM_CONFIG"'], env: [] },
        );
    });
    const options = { env: { FROM_CALLER: '1' } };
    await box.with(options, ...container.words('create'));
    await box.with(options, 'start', container.id);
    await container.ended();
    expect(said(await box.with(options, 'delete', container.id))).toEqual(silently);
    for (const kind of hookKinds) {
      const from = kind === 'startContainer' ? 'FROM_CONFIG' : 'FROM_CALLER';
      expect([kind, textIn(box, kind)]).toEqual([kind, `${from}=1\nOWN=1\n`]);
    }
  });

  it('have their name from args, and without those from their path', async (box) => {
    const named = `echo "$0" >>${box.folder}/named`;
    const script = join(box.folder, 'hook');
    writeFileSync(script, `#!/bin/sh\n${named}\n`, { mode: 0o755 });
    const hooks = [{ path: '/bin/sh', args: ['another name', '-c', named] }, { path: script }];
    const container = box.container(withHooks({ createRuntime: hooks }));
    await container.created();
    expect(readFileSync(join(box.folder, 'named'), 'utf8')).toBe(`another name\n${script}\n`);
  });

  it('may leave their input unread, and may read all of it', async (box) => {
    const container = hooked(
      box,
      inAll((kind) => [`exec <&-; true`, `wc -c >$shared/${kind}`]),
      (config) => {
        config.annotations = { large: 'x'.repeat(20_000) };
      },
    );
    await container.started();
    await container.ended();
    expect(said(await container.delete())).toEqual(silently);
    for (const kind of hookKinds) expect(Number(textIn(box, kind))).toBeGreaterThan(20_000);
  });

  it('change what the container sees: its names, and its mounts before the root is switched', async (box) => {
    const container = hooked(
      box,
      {
        createRuntime:
          'pid=$(sed "s/.*\\"pid\\":\\([0-9]*\\).*/\\1/"); nsenter --uts=/proc/$pid/ns/uts hostname hooked',
        createContainer:
          'mkdir data; mount -t tmpfs -o size=1m,mode=755 hooked data; echo here >data/file',
      },
      (config) => {
        delete config.hostname;
        config.process.args = [
          ...['sh', '-c'],
          'cat /data/file; grep " /data " /proc/self/mounts; hostname',
        ];
      },
    );
    const { stdout, stderr } = await container.runtime('run');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^here\nhooked \/data tmpfs .*\nhooked\n$/);
    expect(readdirSync(join(container.rootfs, 'data'))).toEqual([]);
  });

  it('may find the limits of the cgroup in force, and change them', async (box) => {
    const container = hooked(
      box,
      {
        createRuntime:
          'for file in /sys/fs/cgroup/pids/$id/pids.max; do cat $file >$shared/max; echo 77 >$file; done',
      },
      (config) => {
        const hooks = config.hooks as Record<string, { env: string[] }[]>;
        hooks.createRuntime![0]!.env = [`id=${config.linux.cgroupsPath}`, 'PATH=/bin:/usr/bin'];
        config.linux.resources = { ...config.linux.resources, pids: { limit: 55 } };
        config.process.args = ['sh', '-c', 'cat /sys/fs/cgroup/pids/pids.max'];
      },
    );
    const { stdout } = await container.runtime('run');
    expect([textIn(box, 'max'), stdout]).toEqual(['55\n', '77\n']);
  });

  for (const noNewPrivileges of [true, false])
    it(`run as the container’s user, with its capabilities and filter, noNewPrivileges ${noNewPrivileges}`, async (box) => {
      const status = 'id -u; grep -E "^(Cap|NoNew|Seccomp:)" /proc/self/status';
      const container = hooked(
        box,
        { startContainer: `{ ${status}; } >$shared/status; ! mkdir /tmp/forbidden` },
        ({ process, linux }) => {
          process.user = { uid: 1000, gid: 1000 };
          process.capabilities = {};
          process.noNewPrivileges = noNewPrivileges;
          process.args = ['sh', '-c', status];
          linux.seccomp = {
            defaultAction: 'SCMP_ACT_ALLOW',
            syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
          };
        },
      );
      chmodSync(join(container.rootfs, 'tmp'), 0o777);
      chmodSync(join(box.folder, 'shared'), 0o777);
      const { stdout, stderr } = await container.runtime('run');
      expect(stderr).toBe('');
      expect(textIn(box, 'status')).toBe(stdout);
      expect(stdout).toMatch(/^1000\n/);
      expect(stdout).toMatch(/^Seccomp:\t2$/m);
      expect(existsSync(join(container.rootfs, 'tmp/forbidden'))).toBe(false);
    });

  it('have their output in files if annotations name some', async (box) => {
    const container = hooked(
      box,
      inAll((kind) => `echo ${kind}; echo no ${kind} >&2`),
      (config, { bundle }) => {
        config.annotations = {
          'run.oci.hooks.stdout': 'hooks.log',
          'run.oci.hooks.stderr': join(bundle, 'hooks.err'),
        };
      },
    );
    await container.started();
    await container.ended();
    await container.delete();
    const lines = (name: string) =>
      readFileSync(join(container.bundle, name), 'utf8').trimEnd().split('\n');
    expect(lines('hooks.log')).toEqual(hookKinds);
    expect(lines('hooks.err')).toEqual(hookKinds.map((kind) => `no ${kind}`));
  });

  it('run in a user namespace as its root, with output that only the host’s root may write', async (box) => {
    const container = hooked(
      box,
      inAll(() => 'id -u; cat /proc/self/uid_map'),
      inUserNamespace(box, (config) => {
        config.annotations = { 'run.oci.hooks.stdout': join(box.folder, 'log') };
      }),
    );
    await container.started();
    await container.ended();
    expect(said(await container.delete())).toEqual(silently);
    const lines = readFileSync(join(box.folder, 'log'), 'utf8').replaceAll(/ +/g, ' ');
    const host = `0\n${readFileSync('/proc/self/uid_map', 'utf8').replaceAll(/ +/g, ' ')}`;
    const inside = `0\n 0 ${uids[0]!.hostID} ${uids[0]!.size}\n`;
    expect(lines).toBe([host, host, inside, inside, host, host].join(''));
    expect(statSync(join(box.folder, 'log')).mode & 0o777).toBe(0o600);
  });

  it('find the container gone when it has been deleted', async (box) => {
    const container = hooked(
      box,
      {
        poststop: 'test -e $state || echo gone >$shared/gone',
      },
      (config) => {
        const hooks = config.hooks as Record<string, { env: string[] }[]>;
        hooks.poststop![0]!.env = [
          `state=${join(box.root, config.linux.cgroupsPath!)}`,
          'PATH=/bin',
        ];
      },
    );
    await container.created();
    expect(existsSync(container.state)).toBe(true);
    await container.delete();
    expect(textIn(box, 'gone')).toBe('gone\n');
  });
});

/** Of nobody else on this machine. */
const long = 1_000_000 + process.pid;
const failing = 'echo to stdout; echo to stderr >&2; exit 3';
const told = 'exit status 3, stdout: to stdout\\n, stderr: to stderr\\n';

suite('a hook that fails', ({ it, engine }) => {
  for (const kind of ['prestart', 'createRuntime', 'createContainer'] as const) {
    it(`undoes create, after which poststop hooks run: ${kind}`, async (box) => {
      const others = inAll((each) => `echo ${each} >>$shared/order`);
      const container = hooked(box, { ...others, [kind]: [others[kind], failing, others[kind]] });
      const { status, stdout, stderr } = await container.create();
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(`error running ${kind} hook #1: ${told}`);
      expect(stderr).toContain(`/hooks/${kind}/1`);
      expect(box.leftovers()).toEqual([]);
      expect(container.hasPidFile()).toBe(false);
      const run = hookKinds.slice(0, hookKinds.indexOf(kind) + 1);
      expect(textIn(box, 'order').trimEnd().split('\n')).toEqual([...run, 'poststop']);
    });
  }

  it('keeps the container from running, and is told by start and by the container: startContainer', async (box) => {
    const container = hooked(box, { startContainer: failing }, ({ process }) => {
      process.args = ['echo', 'runs'];
    });
    const pid = await container.created();
    const { status, stdout, stderr } = await container.start();
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`error running startContainer hook #0: ${told}`);
    await container.ended(pid);
    expect(container.output()).toBe('');
    expect(container.errorOutput()).toBe(
      'error running startContainer hook #0: exit status 3, stdout: to stdout\n, stderr: to stderr\n\n',
    );
    expect(await container.status()).toBe('stopped');
    expect(said(await container.delete())).toEqual(silently);
  });

  it('kills the container, which stays to be deleted: poststart', async (box) => {
    const container = hooked(
      box,
      { poststart: [failing, 'echo second >$shared/second'], poststop: 'echo stop >$shared/stop' },
      ({ process }) => {
        process.args = ['sleep', '1000'];
      },
    );
    const pid = await container.created();
    const { status, stdout, stderr } = await container.start();
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`error running poststart hook #0: ${told}`);
    expect(isAlive(pid)).toBe(false);
    expect(textIn(box, 'second')).toBe('');
    expect(await container.status()).toBe('stopped');
    expect(said(await container.delete())).toEqual(silently);
    expect(textIn(box, 'stop')).toBe('stop\n');
  });

  it('kills all of a container that has no pid namespace of its own: poststart', async (box) => {
    const container = hooked(
      box,
      { poststart: 'until test -e $shared/on; do :; done; exit 1' },
      (config) => {
        config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
        config.process.args = ['sh', '-c', 'sleep 1001 & touch /shared/on; sleep 1000'];
      },
    );
    await container.created();
    expect((await container.start()).status).toBe(1);
    expect(processesWith(`${container.cgroup}\n`)).toEqual([]);
  });

  for (const kind of ['startContainer', 'poststart'] as const)
    for (const flags of [[], ['--detach']])
      it(`leaves nothing of run ${flags.join(' ')}: ${kind}`, async (box) => {
        const container = hooked(
          box,
          { [kind]: failing, poststop: 'echo stop >$shared/stop' },
          ({ process }) => {
            process.args = ['sleep', '1000'];
          },
        );
        const { status, stdout, stderr } = await container.runtime('run', ...flags);
        expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
        expect(stderr).toContain(`error running ${kind} hook #0: ${told}`);
        expect(textIn(box, 'stop')).toBe('stop\n');
        await box.expectNothingLeft();
      });

  it('only warns, and the others run: poststop', async (box) => {
    const container = hooked(box, {
      poststop: [failing, 'echo second >$shared/second', 'kill -9 $$', 'echo last >$shared/last'],
    });
    await container.created();
    const { status, stdout, stderr } = await container.delete();
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/level=warning .*error running poststop hook #0: exit status 3/);
    expect(stderr).toMatch(/level=warning .*error running poststop hook #2: killed by SIGKILL/);
    expect([textIn(box, 'second'), textIn(box, 'last')]).toEqual(['second\n', 'last\n']);
    expect(box.leftovers()).toEqual([]);
  });

  for (const kind of hookKinds)
    it(`is one that is not there: ${kind}`, async (box) => {
      const container = box.container(withHooks({ [kind]: [{ path: '/no/such/hook' }] }));
      const all = [await container.create()];
      if (all[0]?.status === 0) all.push(await container.start());
      if (container.hasPidFile()) await container.ended();
      all.push(await container.delete('--force'));
      const texts = all.map(({ stderr }) => stderr).join('');
      expect(texts).toContain(`error running ${kind} hook #0: run \\"/no/such/hook\\"`);
      expect(texts).toContain('execve(): ENOENT');
      expect(texts).not.toMatch(/no such file or directory/i);
    });

  for (const kind of hookKinds)
    it(`is one that takes too long; all that it has started is killed: ${kind}`, async (box) => {
      const container = hooked(box, { [kind]: `sleep ${long} & exec sleep ${long}` }, (config) => {
        const hooks = config.hooks as Record<string, { timeout: number }[]>;
        hooks[kind]![0]!.timeout = 1;
        config.process.args = ['sleep', '1000'];
      });
      const all = [await container.create()];
      if (all[0]?.status === 0) all.push(await container.start());
      all.push(await container.delete('--force'));
      const texts = all.map(({ stderr }) => stderr).join('');
      expect(texts).toContain(
        `error running ${kind} hook #0: hook ran past specified timeout of 1.0s, stdout: , stderr: `,
      );
      await until('its children are gone', () => processesWith(`sleep\0${long}`).length === 0);
    });

  it('has its children left alone when it ends by itself, and nobody waits for them', async (box) => {
    const container = hooked(box, { createRuntime: 'sleep 1000 & echo $! >$shared/child' });
    await container.created();
    const child = Number(textIn(box, 'child'));
    expect(isAlive(child)).toBe(true);
    sendSignal(child, 'SIGKILL');
  });

  if (engine.quick)
    it('writes as much as it likes: the end of it is told', async (box) => {
      const endless = 'seq 200000; seq 200000 >&2; exit 1';
      for (const kind of ['createRuntime', 'startContainer'] as const) {
        const container = hooked(box, { [kind]: endless });
        const created = await container.create();
        const { status, stderr } = created.status === 0 ? await container.start() : created;
        expect(status).toBe(1);
        expect(stderr).toMatch(
          /exit status 1, stdout: .*\\n199999\\n200000\\n, stderr: .*\\n200000\\n/,
        );
        await container.delete('--force');
      }
    });

  it('is refused before anything is done when its time is no time', async (box) => {
    for (const timeout of [0, -1])
      expect(
        await box.refusal(withHooks({ createRuntime: [shell('true', { timeout })] })),
      ).toContain('/hooks/createRuntime/0/timeout');
  });
});

suite('create that is killed while a hook runs', ({ it }) => {
  for (const kind of ['createRuntime', 'createContainer'] as const)
    it(`leaves what delete --force takes away: ${kind}`, async (box) => {
      const container = hooked(box, {
        [kind]: `echo $$ >$shared/pid; exec sleep ${long}`,
        poststop: 'echo stop >$shared/stop',
      });
      const creating = box.start(container.words('create'));
      await until('the hook runs', () => textIn(box, 'pid') !== '');
      creating.child.kill('SIGKILL');
      await creating.ended();
      expect(said(await container.delete('--force'))).toEqual(silently);
      await until('the hook is gone', () => processesWith(`sleep\0${long}`).length === 0);
      await box.expectNothingLeft();
      expect(textIn(box, 'stop')).toBe('stop\n');
    });
});
