/** What `create` and `start` do. */
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../runner/host.js';
import type { Call } from '../call.js';
import { afterwards, always, on } from '../how.js';
import type { Row } from '../mutation.js';
import { idOf, known, makeCgroup, stateFolder, statusOf } from './container.js';
import { idle, refuses, swallowed } from './verbs.js';

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

export const creation: readonly Row[] = [
  idle('start'),
  swallowed('create'),
  swallowed('start'),
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
