/** What a process of exec has from the bundle, and what options change of it. */
import { deepEqual, equal } from 'node:assert/strict';
import type { CapabilitySet } from '../../lib/config.js';
import type { Prepare } from '../../lib/container.js';
import { type Report, readReport } from '../../probe/report.js';
import { manyIds } from '../../runner/host.js';
import { type Need, subject } from '../../runner/test.js';
import { fails, succeeds } from '../../runner/trial.js';
import { numberOf, ruling, victim } from '../../tests/seccomp-filter.js';
import { executed, listening, messageIn, running } from '../help.js';

const EPERM = 1;

/** Numbers of capabilities, linux/capability.h. */
const numbers = { CAP_CHOWN: 0, CAP_KILL: 5, CAP_SETGID: 6, CAP_NET_BIND_SERVICE: 10 };
type Name = keyof typeof numbers;

const maskOf = (names: readonly Name[]): number =>
  names.reduce((mask, name) => mask | (1 << numbers[name]), 0);

type Sets = Readonly<Record<CapabilitySet, number>>;

const setsOf = ({ status }: Report): Sets => {
  const mask = (text = '') => Number(`0x${text}`);
  return {
    bounding: mask(status.CapBnd),
    effective: mask(status.CapEff),
    permitted: mask(status.CapPrm),
    inheritable: mask(status.CapInh),
    ambient: mask(status.CapAmb),
  };
};

const capable =
  (sets: Partial<Record<CapabilitySet, Name[]>>): Prepare =>
  ({ process }) => {
    process.capabilities = { bounding: [], effective: [], permitted: [], ...sets };
  };

const free: Prepare = ({ process }) => {
  process.noNewPrivileges = false;
};

const filterable: Need = () =>
  numberOf(victim) === '-1' ? `needs numbers of system calls of ${process.arch}` : null;

export const execProcessTests = subject('engine-exec-process', (test) => {
  test(
    'new-privileges',
    'A process may gain privileges if that of the bundle may',
    { proves: ['commands/exec-inherited', 'commands/exec-no-new-privs'] },
    async (trial) => {
      const { status } = await executed(await running(trial, free), []);
      equal(status.NoNewPrivs, '0');
    },
  );

  test(
    'no-new-privs',
    '--no-new-privs keeps a process from gaining privileges that the bundle’s may gain',
    { proves: ['commands/exec-no-new-privs'] },
    async (trial) => {
      const { status } = await executed(await running(trial, free), ['--no-new-privs']);
      equal(status.NoNewPrivs, '1');
    },
  );

  test(
    'capabilities',
    'Each set of capabilities is that of the bundle’s process',
    { proves: ['commands/exec-inherited'] },
    async (trial) => {
      const both: Name[] = ['CAP_KILL', 'CAP_SETGID'];
      const container = await running(
        trial,
        capable({
          bounding: [...both, 'CAP_CHOWN'],
          permitted: both,
          effective: ['CAP_SETGID'],
          inheritable: ['CAP_KILL'],
          ambient: ['CAP_KILL'],
        }),
      );
      const expected = {
        bounding: maskOf([...both, 'CAP_CHOWN']),
        inheritable: maskOf(['CAP_KILL']),
        ambient: maskOf(['CAP_KILL']),
      };
      const { bounding, inheritable, ambient } = setsOf(await executed(container, []));
      deepEqual({ bounding, inheritable, ambient }, expected);
    },
  );

  test(
    'caps',
    '-c adds a capability each time, beside those of the bundle’s process',
    { proves: ['commands/exec-capabilities', 'command-line/repeated'] },
    async (trial) => {
      const own: Name[] = ['CAP_CHOWN'];
      const container = await running(
        trial,
        capable({ bounding: own, effective: own, permitted: own }),
      );
      const options = ['-c', 'CAP_KILL', '-c', 'CAP_NET_BIND_SERVICE'];
      const all = maskOf(['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']);
      deepEqual(setsOf(await executed(container, options)), {
        bounding: all,
        effective: all,
        permitted: all,
        inheritable: 0,
        ambient: 0,
      });
    },
  );

  test(
    'ambient',
    '--cap makes ambient what is inheritable, and nothing else',
    { proves: ['commands/exec-ambient'] },
    async (trial) => {
      const inheritable: Name[] = ['CAP_KILL'];
      const container = await running(trial, capable({ bounding: ['CAP_KILL'], inheritable }));
      const options = ['--cap', 'CAP_KILL', '--cap', 'CAP_CHOWN'];
      const sets = setsOf(await executed(container, options));
      deepEqual(
        [sets.ambient, sets.inheritable, sets.permitted],
        [maskOf(inheritable), maskOf(inheritable), maskOf(['CAP_KILL', 'CAP_CHOWN'])],
      );
    },
  );

  test(
    'oom-score',
    'The OOM score is that of the bundle’s process',
    { proves: ['commands/exec-inherited'] },
    async (trial) => {
      const container = await running(trial, ({ process }) => {
        process.oomScoreAdj = 555;
      });
      const { files } = await executed(container, []);
      equal(String(files.oom_score_adj).trim(), '555');
    },
  );

  for (const [slug, umask, shown] of [
    ['umask-usual', undefined, '0022'],
    ['umask', 0o27, '0027'],
  ] as const)
    test(
      slug,
      `The umask is ${shown} where the configuration says ${umask === undefined ? 'nothing' : 'so'}`,
      { proves: ['commands/exec-inherited'] },
      async (trial) => {
        const container = await running(trial, ({ process }) => {
          if (umask !== undefined) process.user.umask = umask;
        });
        equal((await executed(container, [])).status.Umask, shown);
      },
    );

  test(
    'groups',
    'Groups are those of the bundle’s process with those of -g, also with another user',
    { proves: ['commands/exec-options', 'commands/exec-users'], needs: [manyIds] },
    async (trial) => {
      const container = await running(trial, ({ process }) => {
        process.user = { uid: 5, gid: 6, additionalGids: [20, 21] };
      });
      const { status } = await executed(container, ['--user', '7:8', '-g', '22']);
      deepEqual([status.Uid, status.Gid, status.Groups], ['7 7 7 7', '8 8 8 8', '20 21 22']);
    },
  );

  test(
    'no-terminal',
    'A process has no terminal without --tty, also where the container has one',
    { proves: ['commands/exec-inherited'] },
    async (trial) => {
      const container = trial.container(({ process }) => {
        process.terminal = true;
        process.args = ['/probe', 'wait'];
      });
      await listening(
        trial,
        // Who lets go of the terminal hangs up.
        (path) => ['receive', path, 'drain'],
        async (path) => {
          await container.started('--console-socket', path);
          const { fds } = await executed(container, []);
          deepEqual(
            fds.map(({ terminal }) => terminal),
            [0, 0, 0],
          );
          await succeeds(container.kill('KILL'));
        },
      );
    },
  );

  test(
    'filter',
    'A process cannot do what the container’s filter forbids, however it is described',
    { proves: ['commands/exec-filter'], needs: [filterable] },
    async (trial) => {
      const container = await running(trial, ruling({}));
      const operations = ['syscall', numberOf(victim), 'syscall', numberOf('getsid')];
      const file = container.processFile({ args: ['/probe', ...operations] });
      const fromFile = await container.exec(['--process', file]);
      for (const { results, status } of [
        await executed(container, [], ...operations),
        readReport(fromFile.stdout),
      ])
        deepEqual([status.Seccomp, results[0]?.errno, results[1]?.errno], ['2', EPERM, undefined]);
    },
  );

  for (const [slug, value, says] of [
    ['bad-user', 'root', /bad uid: .*parsing "root": invalid syntax/],
    ['bad-group', '0:root', /bad gid: .*parsing "root": invalid syntax/],
  ] as const)
    test(
      slug,
      `exec --user ${value} is refused in the usual words`,
      { proves: ['commands/exec-users', 'protocols/execs'] },
      async (trial) => {
        const container = await running(trial);
        const { stdout, stderr } = await fails(container.exec(['--user', value], '/probe'));
        equal(says.test(messageIn(stderr)), true, messageIn(stderr));
        equal(stdout, '');
      },
    );
});
