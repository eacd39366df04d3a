import type { Expectation } from '../runner/expected.js';
import { runtsContract } from './engine/runts.js';

/** What runts is known to fail, by test. */
export const runts: readonly Expectation[] = [
  ...runtsContract,
  {
    test: 'cgroup-v2/no-kernel-tcp',
    versions: ['0'],
    whose: 'specification',
    reason:
      'It warns and goes on, since the memory limit of cgroup v2 counts TCP buffers; whether that is a conversion is not said.',
  },
  {
    test: 'user/umask-unset',
    versions: ['0'],
    whose: 'specification',
    reason:
      'It sets 0022, as runc does: engines rely on it. The specification asks for the umask of the caller in words that bind nobody.',
  },
  {
    test: 'states/delete-created',
    versions: ['0'],
    whose: 'runtime',
    reason:
      'Deletes a container that was created and never started, as runc does: containerd and Docker rely on it.',
  },
  {
    test: 'lifecycle-hooks/startContainer-fails-destroyed',
    versions: ['0'],
    whose: 'runtime',
    reason:
      'start fails and the process has ended, but as with runc the container stays, stopped, for the engine to delete.',
  },
  {
    test: 'lifecycle-hooks/poststart-fails-destroyed',
    versions: ['0'],
    whose: 'runtime',
    reason:
      'start fails and ends the process, but as with runc the container stays, stopped, for the engine to delete.',
  },
];
