import { describe, expect, it } from 'vitest';
import type { Spec } from '../generated/spec-types.js';
import { SIGKILL } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { decodeRecord } from '../state/encoding.js';
import { errorIfAny } from '../testing/error-of.js';
import type { FakeHostSetup } from '../testing/fake-host.js';
import { type FakeEnd, fakePrograms } from '../testing/fake-programs.js';
import { type RuntimeHost, request, runnable, runtimeHost } from '../testing/runtime-host.js';
import { createContainer } from './create.js';
import { deleteContainer } from './delete.js';
import { startContainer } from './start.js';

const spec: Spec = {
  ...runnable,
  hooks: {
    prestart: [{ path: '/prestart' }],
    createRuntime: [{ path: '/createRuntime' }],
    createContainer: [{ path: '/createContainer' }],
    startContainer: [{ path: '/startContainer' }],
    poststart: [{ path: '/poststart' }, { path: '/poststart-2' }],
    poststop: [{ path: '/poststop' }, { path: '/poststop-2' }],
  },
};

const READY = '{"type":"ready"}';
const HOOKS = '{"type":"hooks"}';
const bad: FakeEnd = { status: 1 << 8 };

interface Site extends RuntimeHost {
  readonly ran: () => string[];
  readonly states: () => Record<string, unknown>[];
}

function site(ends: Record<string, FakeEnd> = {}, setup: FakeHostSetup = {}): Site {
  const programs = fakePrograms(ends);
  const host = runtimeHost(
    { packets: [HOOKS, READY], ...setup, natives: { ...programs.natives, ...setup.natives } },
    spec,
  );
  const ran = () => programs.ran.map(([path]) => path);
  const states = () => programs.ran.map(([, input]) => JSON.parse(input));
  return { ...host, ran, states };
}

const create = (host: Site) => createContainer(host.runtime, request);

const left = ({ machine }: Site): string[] =>
  [...machine.tree.nodes.keys()].filter((path) => /\/c1\b|\/run\/pid/.test(path));

const creating = { ociVersion: spec.ociVersion, id: 'c1', status: 'creating', pid: 4242 };

describe('create', () => {
  it('runs the hooks of the runtime when init asks, with the limits in force', () => {
    const host = site();
    create(host);
    expect(host.ran()).toEqual(['/prestart', '/createRuntime']);
    expect(host.states()).toEqual([
      { ...creating, bundle: '/bundle' },
      { ...creating, bundle: '/bundle' },
    ]);
    expect(host.machine.sent).toEqual(['+', '+']);
    const lines = host.trace();
    const first = (words: string) => lines.findIndex((line) => line.includes(words));
    expect(first('devices.allow>')).toBeLessThan(first('runProgram('));
    expect(lines.filter((line) => line.includes('devices.deny>, "a"'))).toHaveLength(1);
    expect(host.open()).toEqual([]);
  });

  it('keeps what runs later, and nothing else', () => {
    const host = site();
    create(host);
    const text = host.machine.tree.text('/run/runts/c1/state.json') ?? '';
    const { hooks } = decodeRecord(text, 'c1');
    expect(hooks?.poststart.map(({ name }) => name)).toEqual([
      'poststart hook #0',
      'poststart hook #1',
    ]);
    expect(hooks?.poststop.map(({ path }) => path)).toEqual(['/poststop', '/poststop-2']);
    expect(text).not.toContain('createContainer');
    const plain = runtimeHost();
    createContainer(plain.runtime, request);
    expect(plain.machine.tree.text('/run/runts/c1/state.json')).not.toContain('hooks');
  });

  it('is undone by a hook that fails, and ends with those of poststop', () => {
    const host = site({ '/prestart': bad });
    expect(errorIfAny(() => create(host))).toMatchObject({
      code: 'hook-failed',
      message: 'error running prestart hook #0: exit status 1, stdout: , stderr: ',
      at: '/hooks/prestart/0',
    });
    expect(host.ran()).toEqual(['/prestart', '/poststop', '/poststop-2']);
    expect(host.states().at(-1)).toEqual({
      ...{ ociVersion: spec.ociVersion, id: 'c1', status: 'stopped', bundle: '/bundle' },
    });
    expect(left(host)).toEqual([]);
    expect(host.machine.processes.size).toBe(0);
    expect(host.open()).toEqual([]);
  });

  it('runs poststop hooks when nothing is left of the container', () => {
    const host = site({ '/createRuntime': bad });
    expect(errorIfAny(() => create(host))?.code).toBe('hook-failed');
    const lines = host.trace();
    expect(lines.findLastIndex((line) => line.startsWith('unlinkat('))).toBeLessThan(
      lines.findLastIndex((line) => line.startsWith('runProgram(')) - 1,
    );
  });

  it('listens to the request once, and only when there is something to run', () => {
    const again = site({}, { packets: [HOOKS, HOOKS, READY] });
    expect(errorIfAny(() => create(again))?.code).toBe('protocol');
    expect(again.ran()).toEqual(['/prestart', '/createRuntime', '/poststop', '/poststop-2']);
    const unasked = runtimeHost({ packets: [HOOKS, READY] });
    expect(errorIfAny(() => createContainer(unasked.runtime, request))?.code).toBe('protocol');
  });

  it('leaves nothing, whatever call fails', () => {
    const good = site();
    create(good);
    for (let call = 0; call < good.calls.length; call++) {
      const host = site({}, { failing: { call, errno: errno.EIO } });
      const error = errorIfAny(() => create(host));
      const { text } = good.calls[call]!;
      if (error === undefined) expect(text).toMatch(/^(unlinkat\(.*"\.|flock\()/);
      else expect([text, left(host), host.open()]).toEqual([text, [], []]);
    }
  });
});

describe('start', () => {
  it('runs poststart hooks when the process runs', () => {
    const host = site();
    create(host);
    startContainer(host.runtime, 'c1');
    expect(host.ran().slice(2)).toEqual(['/poststart', '/poststart-2']);
    expect(host.states().at(-1)).toMatchObject({ status: 'running', pid: 4242 });
    expect(host.machine.signals).toEqual([]);
  });

  it('holds no lock while they run, and nothing open', () => {
    const open: string[][] = [];
    const programs = fakePrograms();
    const host = site(
      {},
      {
        natives: {
          runProgram: (...args) => {
            open.push(host.open());
            return programs.natives.runProgram(...args);
          },
        },
      },
    );
    create(host);
    startContainer(host.runtime, 'c1');
    expect(open.slice(0, 2).map((each) => each.includes('/run/runts/c1'))).toEqual([true, true]);
    expect(open.slice(2)).toEqual([[], []]);
  });

  it('touches nothing that has the id now when a hook fails', () => {
    const programs = fakePrograms({ '/poststart': bad });
    const host = site(
      {},
      {
        natives: {
          runProgram: (...args) => {
            const result = programs.natives.runProgram(...args);
            if (programs.ran.at(-1)![0] === '/poststart') {
              const { tree } = host.machine;
              for (const path of tree.below('/run/runts/c1')) tree.remove(path);
              tree.remove('/run/runts/c1');
              tree.put('/run/runts/c1/state.json', 'another');
            }
            return result;
          },
        },
      },
    );
    create(host);
    expect(errorIfAny(() => startContainer(host.runtime, 'c1'))?.code).toBe('hook-failed');
    expect(host.machine.signals).toEqual([]);
    expect(host.warnings).toEqual([]);
    expect(host.open()).toEqual([]);
  });

  it('runs none when the process does not', () => {
    const host = site();
    create(host);
    const packet = { type: 'failed', step: 'exec: "/x"', row: 0, errno: errno.ENOENT };
    host.machine.packets.push(JSON.stringify(packet));
    expect(errorIfAny(() => startContainer(host.runtime, 'c1'))?.code).toBe('command-not-found');
    expect(host.ran()).toHaveLength(2);
  });

  it('reports a startContainer hook that has failed', () => {
    const host = site();
    create(host);
    const step = 'error running startContainer hook #0: exit status 1, stdout: , stderr: ';
    host.machine.packets.push(JSON.stringify({ type: 'failed', step, row: -1, errno: 0 }));
    expect(errorIfAny(() => startContainer(host.runtime, 'c1'))).toMatchObject({
      ...{ code: 'hook-failed', message: step },
    });
  });

  it('kills the container when a hook fails, and leaves it to be deleted', () => {
    const host = site({ '/poststart': bad });
    create(host);
    expect(errorIfAny(() => startContainer(host.runtime, 'c1'))).toMatchObject({
      ...{ code: 'hook-failed', at: '/hooks/poststart/0' },
    });
    expect(host.ran().slice(2)).toEqual(['/poststart']);
    expect(host.machine.signals).toContainEqual([4242, SIGKILL]);
    expect(left(host)).toContain('/run/runts/c1/state.json');
    deleteContainer(host.runtime, 'c1', { force: false });
    expect(host.ran().slice(3)).toEqual(['/poststop', '/poststop-2']);
    expect(host.open()).toEqual([]);
  });
});

describe('delete', () => {
  it('warns of a poststop hook that fails, and runs the others', () => {
    const host = site({ '/poststop': bad });
    create(host);
    deleteContainer(host.runtime, 'c1', { force: false });
    expect(host.ran().slice(2)).toEqual(['/poststop', '/poststop-2']);
    expect(host.warnings).toEqual([
      '/hooks/poststop/0: error running poststop hook #0: exit status 1, stdout: , stderr: ',
    ]);
    expect(left(host).filter((path) => path !== '/run/pid')).toEqual([]);
  });
});
