/** What a hook hears that calls the runtime for its own container, while somebody waits for the hook. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../lib/box.js';
import type { Container, Prepare } from '../lib/container.js';
import { type HookKind, hooked, textIn } from '../lib/hooks.js';
import { isAlive } from '../lib/machine.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

/** The words of each command, which a shell puts together. */
const commands = {
  state: 'state $id',
  list: 'list --quiet',
  start: 'start $id',
  pause: 'pause $id',
  resume: 'resume $id',
  update: 'update --pids-limit 99 $id',
  ps: 'ps --format json $id',
  events: 'events --stats $id',
  exec: 'exec $id true',
  delete: 'delete $id',
  create: 'create --bundle $bundle $id',
  run: 'run --bundle $bundle $id',
  kill: 'kill $id KILL',
  'delete --force': 'delete --force $id',
} as const;

type Command = keyof typeof commands;

/** What a script of a hook begins with: `call` writes how a command ends and what it complains of. */
const prelude = (box: Box): string => `state=$(cat)
id=$(echo "$state" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
bundle=$(echo "$state" | sed 's/.*"bundle":"\\([^"]*\\)".*/\\1/')
runtime() { ${box.engine.command.join(' ')} --root ${box.root} "$@" </dev/null; }
call() {
  name=$1; shift
  runtime "$@" >$shared/out 2>&1
  echo "$name: $? $(sed -n 's/.*level=error msg=//p' $shared/out)" >>$shared/calls
}
`;

/** A container that goes on, with a hook whose script has all that. */
const scripted = (box: Box, kind: HookKind, script: string, change: Prepare = () => {}) =>
  hooked(
    box,
    { poststop: 'echo stop >>$shared/stop', [kind]: prelude(box) + script },
    (config, paths) => {
      config.process.args = ['sleep', '1000'];
      change(config, paths);
    },
  );

const callAll = (names: readonly Command[]): string =>
  names.map((name) => `call '${name}' ${commands[name]}`).join('\n');

const heard = (box: Box): string[] => textIn(box, 'calls').split('\n').slice(0, -1);

/** Until the test lets it go on. */
const waits = 'touch $shared/on; until test -e $shared/go; do :; done';
const pathIn = (box: Box, name: string) => join(box.folder, 'shared', name);
const isThere = (box: Box, name: string) => existsSync(pathIn(box, name));
const goOn = (box: Box) => writeFileSync(pathIn(box, 'go'), '');

const quietly = { status: 0, stdout: '', stderr: '' };

/** As `create` and `start`, or as `run`. */
const verbs = {
  create: (container: Container) => container.create(),
  run: (container: Container) => container.runtime('run'),
} as const;

const starts = {
  start: async (container: Container) => {
    await container.created();
    return container.start();
  },
  'run --detach': (container: Container) => container.runtime('run', '--detach'),
} as const;

const createHooks = ['prestart', 'createRuntime', 'createContainer'] as const;

const none = (id: string) => `"container does not exist: ${id}"`;
const taken = (verb: string, id: string) =>
  `"runts ${verb} failed: container with given ID already exists: ${id}"`;

suite('a hook of create that calls the runtime', ({ it }) => {
  const before = Object.keys(commands).filter((name) => name !== 'delete --force') as Command[];

  for (const kind of createHooks)
    it(`is told at once that there is no container, and that its id is taken: ${kind}`, async (box) => {
      const container = scripted(box, kind, callAll(before));
      expect(await container.create()).toMatchObject(quietly);
      const { id } = container;
      const others: Partial<Record<Command, string>> = {
        list: '0 ',
        exec: `255 "exec failed: ${none(id).slice(1)}`,
        create: `1 ${taken('create', id)}`,
        run: `1 ${taken('run', id)}`,
      };
      expect(heard(box)).toEqual(
        before.map((name) => `${name}: ${others[name] ?? `1 ${none(id)}`}`),
      );
      expect(await container.status()).toBe('created');
    });

  for (const kind of createHooks)
    for (const [verb, act] of Object.entries(verbs))
      it(`ends ${verb} with delete --force, and nothing stays: ${kind}`, async (box) => {
        const container = scripted(box, kind, callAll(['delete --force', 'state']));
        const { status, stdout, stderr } = await act(container);
        expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
        expect(stderr).toContain(
          `runts ${verb} failed: container was deleted while it was created: ${container.id}`,
        );
        const { id } = container;
        expect(heard(box)).toEqual(['delete --force: 0 ', `state: 1 ${none(id)}`]);
        expect(textIn(box, 'stop')).toBe('stop\n');
        expect(container.hasPidFile()).toBe(false);
        await box.expectNothingLeft();
      });

  it('leaves whoever is outside waiting for the end of create: delete --force', async (box) => {
    const container = scripted(box, 'createRuntime', waits);
    const creating = box.start(container.words('create'));
    await until('the hook runs', () => isThere(box, 'on'));
    const deleting = box.start(['delete', '--force', container.id]);
    for (const name of ['pause', 'resume', 'update', 'start', 'delete', 'state'])
      expect((await box.runtime(name, container.id)).stderr).toContain('does not exist');
    expect(deleting.child.exitCode).toBeNull();
    goOn(box);
    expect(await creating.ended()).toMatchObject(quietly);
    expect(await deleting.ended()).toMatchObject(quietly);
    await box.expectNothingLeft();
  });
});

const inWords: Partial<Record<Command, (id: string) => string>> = {
  start: (id) => `1 "cannot start an already running container: ${id}"`,
  delete: (id) => `1 "cannot delete container ${id} that is not stopped: running"`,
  create: (id) => `1 ${taken('create', id)}`,
  run: (id) => `1 ${taken('run', id)}`,
};

suite('a poststart hook that calls the runtime', ({ it }) => {
  const names = Object.keys(commands) as Command[];

  for (const [verb, act] of Object.entries(starts))
    it(`may do anything with the container that anybody may: ${verb}`, async (box) => {
      const container = scripted(box, 'poststart', callAll(names));
      expect(await act(container)).toMatchObject(quietly);
      const expected = names.map((name) => `${name}: ${inWords[name]?.(container.id) ?? '0 '}`);
      expect(heard(box)).toEqual(expected);
      expect(textIn(box, 'stop')).toBe('stop\n');
      await box.expectNothingLeft();
    });

  for (const [verb, act] of Object.entries(starts))
    for (const kind of ['pid', 'none'])
      it(`and fails harms no other container that has the id now: ${verb}, pid namespace: ${kind}`, async (box) => {
        const script = `${callAll(['delete --force', 'create', 'pause'])}\nexit 1`;
        const container = scripted(box, 'poststart', script, ({ linux }) => {
          linux.namespaces = linux.namespaces.filter(({ type }) => type !== kind);
        });
        expect((await act(container)).status).toBe(1);
        expect(heard(box)).toEqual(['delete --force: 0 ', 'create: 0 ', 'pause: 0 ']);
        expect(await container.status()).toBe('paused');
        expect(await box.runtime('resume', container.id)).toMatchObject(quietly);
        expect(await container.status()).toBe('created');
        expect(textIn(box, 'stop')).toBe('stop\n');
      });

  it('does not keep others from the container, but from a second start', async (box) => {
    const container = scripted(box, 'poststart', `${waits}; call state state $id`);
    const pid = await container.created();
    const starting = box.start(['start', container.id]);
    await until('the hook runs', () => isThere(box, 'on'));
    const again = await container.start();
    expect(again.stderr).toContain('cannot start an already running container');
    for (const verb of ['pause', 'resume'])
      expect(await box.runtime(verb, container.id)).toMatchObject(quietly);
    expect(isAlive(pid)).toBe(true);
    expect(await container.delete('--force')).toMatchObject(quietly);
    expect(isAlive(pid)).toBe(false);
    goOn(box);
    expect(await starting.ended()).toMatchObject(quietly);
    expect(heard(box)).toEqual([`state: 1 ${none(container.id)}`]);
    await box.expectNothingLeft();
  });

  it('goes with a start that is killed, and the container goes on', async (box) => {
    const container = scripted(box, 'poststart', waits);
    await container.created();
    const starting = box.start(['start', container.id]);
    await until('the hook runs', () => isThere(box, 'on'));
    starting.child.kill('SIGKILL');
    await starting.ended();
    expect(await container.status()).toBe('running');
    expect(await container.delete('--force')).toMatchObject(quietly);
    await box.expectNothingLeft();
  });
});

suite('a poststop hook that calls the runtime', ({ it }) => {
  it('is told that there is no container', async (box) => {
    const names = [
      'state',
      'start',
      'pause',
      'update',
      'kill',
      'delete',
      'delete --force',
    ] as const;
    const container = scripted(box, 'poststop', callAll(names));
    await container.created();
    expect(await container.delete()).toMatchObject(quietly);
    const expected = names.map((name) =>
      name === 'delete --force' ? `${name}: 0 ` : `${name}: 1 ${none(container.id)}`,
    );
    expect(heard(box)).toEqual(expected);
  });
});
