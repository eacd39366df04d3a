/** What `kill` and `delete` do. */
import { mkdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../runner/host.js';
import { afterwards, always, instead, on } from '../how.js';
import type { Row } from '../mutation.js';
import { idOf, known, makeCgroup, stateFolder, statusOf } from './container.js';
import { idle, refuses, swallowed } from './verbs.js';

export const ending: readonly Row[] = [
  idle('kill'),
  idle('delete'),
  swallowed('kill'),
  swallowed('delete'),
  [
    'no-kill-of-created',
    'cannot kill what is only created',
    'runtime/kill',
    on('kill', refuses('created')),
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
    'no-real-time-signals',
    'sends nothing when it is asked for a real-time signal',
    'runtime/kill/3',
    instead('kill', ([id = '', signal = '']) => [id, Number(signal) > 31 ? '0' : signal]),
  ],
  [
    'kill-stop-ends',
    'ends a process that is to be stopped',
    'runtime/kill/3',
    instead('kill', ([id = '', signal = '']) => [id, signal === '19' ? 'KILL' : signal]),
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
];
