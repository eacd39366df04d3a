import { deepEqual, equal } from 'node:assert/strict';
import { onHost } from '../runner/holder.js';
import { kernel } from '../runner/host.js';
import { type Need, NotTestable, subject } from '../runner/test.js';
import { allowed, filtering, numberOf, ruling, victim } from './seccomp-filter.js';

const [EPERM, EBADMSG, ENOSYS] = [1, 74, 38];

const knownMachine: Need = () =>
  numberOf(victim) === '-1' ? `needs numbers of system calls of ${process.arch}` : null;

const proves = ['runtime/lifecycle/1', 'runtime/create/4'];
const about = { proves, needs: [knownMachine] };

/** Actions, and how a process ends of which one thread makes the call (probe.c). */
const outcomes: readonly (readonly [string, ...number[]])[] = [
  ['SCMP_ACT_ALLOW', 0],
  ['SCMP_ACT_LOG', 0],
  ['SCMP_ACT_ERRNO', 0],
  ['SCMP_ACT_KILL', 7, 159],
  ['SCMP_ACT_KILL_THREAD', 7],
  ['SCMP_ACT_KILL_PROCESS', 159],
  ['SCMP_ACT_TRAP', 42],
];

export const seccompTests = subject('seccomp', (test) => {
  test('installed', 'The process has a filter', about, async (trial) => {
    const { status } = await trial.look(ruling({}));
    equal(status.Seccomp, '2');
  });

  test('none', 'Without seccomp the process has no filter of its own', about, async (trial) => {
    const { status } = await trial.look();
    equal(status.Seccomp, onHost().status.Seccomp);
  });

  for (const [action, ...expected] of outcomes)
    test(
      `action-${action.slice('SCMP_ACT_'.length).toLowerCase()}`,
      `${action} does what it is called`,
      about,
      async (trial) => {
        const { results } = await trial.look(ruling({ action }), 'outcome', numberOf(victim));
        equal(expected.includes(results[0]?.value ?? -1), true, `it was ${results[0]?.value}`);
      },
    );

  for (const action of ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG'])
    test(
      `lets-pass-${action.slice('SCMP_ACT_'.length).toLowerCase()}`,
      `A call works under ${action}`,
      about,
      async (trial) => {
        const { results } = await trial.look(ruling({ action }), 'syscall', numberOf(victim));
        equal(results[0]?.errno, undefined);
      },
    );

  test('action-trace', 'SCMP_ACT_TRACE fails where nobody traces', about, async (trial) => {
    const { results } = await trial.look(
      ruling({ action: 'SCMP_ACT_TRACE' }),
      'syscall',
      numberOf(victim),
    );
    equal(results[0]?.errno, ENOSYS);
  });

  for (const [slug, rule, errno] of [
    ['errno-default', {}, EPERM],
    ['errno', { errnoRet: EBADMSG }, EBADMSG],
  ] as const)
    test(slug, `A forbidden call fails with errno ${errno}`, about, async (trial) => {
      const { results } = await trial.look(
        ruling(rule),
        ...['syscall', numberOf(victim), 'syscall', numberOf('getsid')],
      );
      deepEqual([results[0]?.errno, results[1]?.errno], [errno, undefined]);
    });

  for (const [slug, defaultErrnoRet, errno] of [
    ['default-action', undefined, EPERM],
    ['default-errno', EBADMSG, EBADMSG],
  ] as const)
    test(slug, `What no rule allows fails with errno ${errno}`, about, async (trial) => {
      const { results } = await trial.look(
        filtering({
          defaultAction: 'SCMP_ACT_ERRNO',
          ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
          syscalls: [allowed],
        }),
        ...['syscall', numberOf(victim), 'syscall', numberOf('getsid')],
      );
      deepEqual([results[0]?.errno, results[1]?.errno], [errno, undefined]);
    });

  test('several-names', 'A rule holds for each of its names', about, async (trial) => {
    const names = ['getpgid', 'getsid', 'getpriority'];
    const { results } = await trial.look(
      ruling({ names, errnoRet: EBADMSG }),
      ...names.flatMap((name) => ['syscall', numberOf(name)]),
    );
    deepEqual(
      results.map(({ errno }) => errno),
      [EBADMSG, EBADMSG, EBADMSG],
    );
  });

  test(
    'compat',
    'A filter holds for calls of another architecture that it lists',
    { proves, needs: [knownMachine, () => (process.arch === 'x64' ? null : 'needs x86-64')] },
    async (trial) => {
      // The one of getpriority(2) there.
      const number = '96';
      const bare = await trial.look(() => {}, 'compat', number).catch(() => undefined);
      if (bare?.results[0]?.value === undefined)
        throw new NotTestable('needs a kernel that runs programs of 32 bits');
      const { results } = await trial.look(
        filtering({
          architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
          syscalls: [{ names: [victim], action: 'SCMP_ACT_ERRNO', errnoRet: EBADMSG }],
        }),
        ...['compat', number, 'syscall', numberOf(victim)],
      );
      deepEqual([results[0]?.errno, results[1]?.errno], [EBADMSG, EBADMSG]);
    },
  );

  for (const flag of ['TSYNC', 'LOG', 'SPEC_ALLOW'])
    test(
      `flag-${flag.toLowerCase()}`,
      `A filter can have the flag ${flag}`,
      { proves, needs: [knownMachine, kernel(4, 17)] },
      async (trial) => {
        const { results } = await trial.look(
          (config) => {
            ruling({ errnoRet: EBADMSG })(config);
            Object.assign(config.linux.seccomp as object, {
              flags: [`SECCOMP_FILTER_FLAG_${flag}`],
            });
          },
          ...['syscall', numberOf(victim)],
        );
        equal(results[0]?.errno, EBADMSG);
      },
    );

  test(
    'privileges',
    'A filter is there too without noNewPrivileges',
    { proves, needs: [knownMachine] },
    async (trial) => {
      const { results, status } = await trial.look(
        (config) => {
          ruling({ errnoRet: EBADMSG })(config);
          config.process.noNewPrivileges = false;
        },
        ...['syscall', numberOf(victim)],
      );
      deepEqual([status.NoNewPrivs, results[0]?.errno], ['0', EBADMSG]);
    },
  );
});
