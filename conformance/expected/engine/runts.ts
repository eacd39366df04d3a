import { reasons } from './reasons.js';

export const runtsContract = [
  ...reasons({ versions: ['0.1'], whose: 'specification' }, [
    [
      ['engine-exit-codes/late-start', 'engine-exit-codes/late-run'],
      'Waits for the execve and tells its failure: start and run end with 1, and the container is stopped. The specification demands an error where the program cannot be run.',
    ],
  ]),
  ...reasons({ versions: ['0.1'], whose: 'runtime', when: { isRoot: false } }, [
    [
      ['engine-exec/created'],
      'Without privileges it may not join the user namespace of a container that waits for its start.',
    ],
  ]),
];
