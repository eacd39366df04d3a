/** What commands do to a container. */
import { mkdirSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupsOf, hierarchies } from '../../lib/machine.js';
import { root } from '../../runner/host.js';
import type { Call } from '../call.js';
import { afterwards, always, instead, on, succeedsAnyhow } from '../how.js';
import type { Row } from '../mutation.js';

const idOf = ({ arguments: { operands } }: Call): string => operands[0] ?? '';

/** `created`; nothing if there is no such container. */
async function statusOf(call: Call): Promise<string | undefined> {
  const { status, stdout } = await call.aside('state', idOf(call));
  return status === 0 ? JSON.parse(stdout).status : undefined;
}

/** Where the runtime keeps its state, if it was told. */
const stateFolder = (call: Call): string =>
  join(call.arguments.option('root') ?? '/nowhere', idOf(call));

function makeCgroup(path: string): void {
  for (const { mountpoint } of hierarchies()) {
    const folder = join(mountpoint, path);
    if (cgroupsOf(path).length > 0) continue;
    try {
      mkdirSync(folder);
      return;
    } catch {
      // Not every hierarchy takes new ones.
    }
  }
}

const refuses = (status: string) => (call: Call) =>
  statusOf(call).then((found) => {
    if (found !== status) return call.pass();
    call.note('broken');
    return 1;
  });

interface Known {
  readonly bundle: string;
  readonly pid: number;
}

const known = async (call: Call): Promise<Known> =>
  JSON.parse((await call.aside('state', idOf(call))).stdout);

const idle = (verb: string): Row => [
  `idle-${verb}`,
  `does nothing at ${verb}`,
  `runtime/${verb} lifecycle`,
  always(verb, async () => 0),
];

const swallowed = (verb: string): Row => [
  `${verb}-never-fails`,
  `tells nobody that ${verb} has failed`,
  `runtime/${verb} lifecycle`,
  succeedsAnyhow(verb),
];

/** As it was at `create`: a runtime that reads the configuration at `start` finds the one of then. */
const earlier = ({ bundle }: { readonly bundle: string }) => join(bundle, 'config-at-create');

const keepConfig = (call: Call) => writeFileSync(earlier(call), readFileSync(call.configFile));

/** Makes the container again, if its configuration is another one by now. */
async function startsWithNewConfig(call: Call): Promise<number> {
  const { bundle, pid } = await known(call).catch(() => ({ bundle: '/nowhere', pid: 0 }));
  const text = (path: string) => readFileSync(path, 'latin1');
  try {
    if (text(earlier({ bundle })) === text(join(bundle, 'config.json'))) return call.pass();
  } catch {
    return call.pass();
  }
  call.note('broken');
  const stdout = openSync(`/proc/${pid}/fd/1`, 'a');
  await call.aside('delete', '--force', idOf(call));
  const { globals } = call.arguments;
  const pidFile = ['--pid-file', join(bundle, 'pid')];
  await call.pass([...globals, 'create', '--bundle', bundle, ...pidFile, idOf(call)], { stdout });
  return call.pass();
}

export const lifecycle: readonly Row[] = [
  idle('start'),
  idle('kill'),
  idle('delete'),
  swallowed('create'),
  swallowed('start'),
  swallowed('kill'),
  swallowed('delete'),
  [
    'create-runs',
    'runs the program at create',
    'runtime/create/5 runtime/lifecycle/3 lifecycle',
    afterwards('create', (call) => call.aside('start', idOf(call))),
  ],
  [
    'create-again',
    'takes an id that is in use',
    'runtime/create/2 runtime/state/1',
    on('create', async (call) => {
      if ((await statusOf(call)) === undefined) return call.pass();
      call.note('broken');
      return 0;
    }),
  ],
  [
    'create-replaces',
    'ends the container whose id is used again',
    'runtime/create/2 runtime/state/1',
    on('create', async (call) => {
      if ((await statusOf(call)) === undefined) return call.pass();
      call.note('broken');
      await call.aside('delete', '--force', idOf(call));
      return call.pass();
    }),
  ],
  [
    'any-id',
    'takes every id',
    'runtime/create/2',
    on('create', async (call) => {
      if (/^[\w+.-]+$/.test(idOf(call)) && !/^\.\.?$/.test(idOf(call))) return call.pass();
      call.note('broken');
      return 0;
    }),
  ],
  [
    'failed-create-stays',
    'leaves the state of a container that cannot be created',
    'runtime/create/6 runtime/errors',
    on('create', async (call) => {
      const status = await call.pass();
      if (status === 0 || (await statusOf(call)) !== undefined) return status;
      call.note('broken');
      mkdirSync(stateFolder(call), { recursive: true });
      return status;
    }),
  ],
  [
    'failed-create-leaves-cgroup',
    'leaves the cgroup of a container that cannot be created',
    'runtime/create/6 runtime/errors',
    on('create', async (call) => {
      const status = await call.pass();
      if (status === 0 || (await statusOf(call)) !== undefined) return status;
      call.note('broken');
      makeCgroup(`/${idOf(call)}`);
      return status;
    }),
    root,
  ],
  [
    'late-config',
    'reads the configuration at start',
    'runtime/lifecycle/4',
    {
      act: (call) => {
        if (call.arguments.verb === 'create')
          return call.pass().then((status) => {
            if (status === 0) keepConfig(call);
            return status;
          });
        return call.arguments.verb === 'start' ? startsWithNewConfig(call) : call.pass();
      },
    },
  ],
  [
    'no-start-of-created',
    'cannot start',
    'runtime/start runtime/lifecycle',
    on('start', refuses('created')),
  ],
  [
    'no-kill-of-created',
    'cannot kill what is only created',
    'runtime/kill',
    on('kill', refuses('created')),
  ],
  [
    'start-ends-container',
    'ends a container that is started twice',
    'runtime/start/2',
    on('start', async (call) => {
      const status = await call.pass();
      if (status !== 0 && (await statusOf(call)) === 'running') {
        call.note('broken');
        await call.aside('kill', idOf(call), 'KILL');
      }
      return status;
    }),
  ],
  [
    'kill-terminates',
    'sends SIGTERM whatever was asked for',
    'runtime/kill',
    instead('kill', ([id = '']) => [id, 'TERM']),
  ],
  [
    'kill-kills',
    'sends SIGKILL whatever was asked for',
    'runtime/kill',
    instead('kill', ([id = '']) => [id, 'KILL']),
  ],
  [
    'kill-deletes',
    'deletes what it kills',
    'runtime/kill',
    always('kill', async (call) => {
      const status = await call.pass();
      await call.aside('delete', '--force', idOf(call));
      return status;
    }),
  ],
  [
    'delete-kills',
    'ends a running container to delete it',
    'runtime/delete/2',
    on('delete', async (call) => {
      const { globals, rest } = call.arguments;
      if ((await statusOf(call)) !== 'running' || rest.length > 1) return call.pass();
      call.note('broken');
      return call.pass([...globals, 'delete', '--force', ...rest]);
    }),
  ],
  [
    'failed-delete-kills',
    'ends a running container that it refuses to delete',
    'runtime/delete/2',
    on('delete', async (call) => {
      const status = await call.pass();
      if (status !== 0 && (await statusOf(call)) === 'running') {
        call.note('broken');
        await call.aside('kill', idOf(call), 'KILL');
      }
      return status;
    }),
  ],
  [
    'delete-leaves-state',
    'leaves its state when a container is deleted',
    'runtime/delete/3 runtime/lifecycle',
    afterwards('delete', (call) => mkdirSync(stateFolder(call), { recursive: true })),
  ],
  [
    'delete-leaves-cgroup',
    'leaves the cgroup of a container that is deleted',
    'runtime/delete/3 runtime/lifecycle',
    afterwards('delete', (call) => makeCgroup(`/${idOf(call)}`)),
    root,
  ],
  [
    'delete-takes-bundle',
    'deletes the configuration together with the container',
    'runtime/delete/4',
    always('delete', async (call) => {
      const found = await known(call).catch(() => undefined);
      const status = await call.pass();
      if (status === 0 && found) unlinkSync(join(found.bundle, 'config.json'));
      return status;
    }),
  ],
  [
    'leaked-descriptor',
    'hands a descriptor of its own on to the container',
    'fds descriptor process/ lifecycle',
    always('create', (call) => {
      const { globals, rest } = call.arguments;
      const extra = openSync('/dev/null', 'r');
      return call.pass([...globals, 'create', '--preserve-fds', '1', ...rest], { extra });
    }),
  ],
];
