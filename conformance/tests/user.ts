import { equal } from 'node:assert/strict';
import { manyIds } from '../runner/host.js';
import { subject } from '../runner/test.js';
import { lookFromShell } from './support/process.js';

const proves = ['runtime/lifecycle/13', 'runtime/start/3'];
/** Real, effective, saved, and that of the file system. */
const fourTimes = (id: number) => Array(4).fill(id).join(' ');

export const userTests = subject('user', (test) => {
  for (const [uid, gid] of [
    [1000, 2000],
    [0, 5],
    [65534, 0],
    [4_000_000_000, 3_999_999_999],
  ] as const)
    test(
      `ids-${uid}-${gid}`,
      `The process has the user ${uid} and the group ${gid}`,
      { proves, needs: [manyIds] },
      async (trial) => {
        const { status } = await trial.look(({ process }) => {
          process.user = { uid, gid };
        });
        equal(status.Uid, fourTimes(uid));
        equal(status.Gid, fourTimes(gid));
      },
    );

  test('ids-0-0', 'The process has the user 0 and the group 0', { proves }, async (trial) => {
    const { status } = await trial.look();
    equal(status.Uid, fourTimes(0));
    equal(status.Gid, fourTimes(0));
  });

  for (const uid of [0, 1000])
    test(
      `additional-groups-${uid}`,
      `A process of user ${uid} has the additional groups and no other`,
      { proves, needs: [manyIds] },
      async (trial) => {
        const { status } = await trial.look(({ process }) => {
          process.user = { uid, gid: 3, additionalGids: [70_000, 5, 6] };
        });
        equal(status.Groups, '5 6 70000');
      },
    );

  for (const umask of [0, 0o27, 0o77, 0o777])
    test(
      `umask-${umask.toString(8)}`,
      `The process has the umask ${umask.toString(8)}`,
      { proves },
      async (trial) => {
        const { status } = await trial.look(({ process }) => {
          process.user.umask = umask;
        });
        equal(Number.parseInt(status.Umask ?? '', 8), umask);
      },
    );

  test(
    'umask-unset',
    'Without umask the process has that of who has started the runtime',
    { proves },
    async (trial) => {
      const { status } = await lookFromShell(trial, 'umask 0037');
      equal(status.Umask, '0037');
    },
  );
});
