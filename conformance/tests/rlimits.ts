import { deepEqual } from 'node:assert/strict';
import { NotTestable, subject } from '../runner/test.js';
import { neverStarts } from './support/process.js';
import { limitsHere, mayRaise, type RlimitName, rlimits, unlimited } from './support/rlimits.js';

const proves = ['config/posix-process/2', 'config/posix-process/3', 'config/posix-process/4'];

/** What nothing of the container has by itself, as high as this machine allows. */
function reachable(name: RlimitName, isRoot: boolean): { soft: bigint; hard: bigint } {
  const { hard: most } = limitsHere(name);
  const wanted = rlimits[name].hard;
  const hard = mayRaise(isRoot) || most > wanted ? wanted : most;
  if (hard === 0n) throw new NotTestable(`needs a hard limit RLIMIT_${name} above 0`);
  return { soft: hard - hard / 4n, hard };
}

export const rlimitTests = subject('rlimits', (test) => {
  for (const [name, { number }] of Object.entries(rlimits) as [RlimitName, { number: number }][])
    test(
      name.toLowerCase(),
      `RLIMIT_${name} has the soft and the hard limit of the configuration`,
      { proves },
      async (trial) => {
        const { soft, hard } = reachable(name, trial.host.isRoot);
        const { results } = await trial.look(
          ({ process }) => {
            process.rlimits = [{ type: `RLIMIT_${name}`, soft, hard }];
          },
          'getrlimit',
          `${number}`,
        );
        deepEqual(results, [{ operation: 'getrlimit', soft: `${soft}`, hard: `${hard}` }]);
      },
    );

  test('several', 'Each of several limits is set', { proves }, async (trial) => {
    const { results } = await trial.look(
      ({ process }) => {
        process.rlimits = [
          { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
          { type: 'RLIMIT_FSIZE', soft: 3_000_000_000, hard: 5_000_000_000_000 },
          { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
        ];
      },
      ...['NOFILE', 'FSIZE', 'CORE'].flatMap((name) => [
        'getrlimit',
        `${rlimits[name as RlimitName].number}`,
      ]),
    );
    deepEqual(
      results.map(({ soft, hard }) => [soft, hard]),
      [
        ['100', '200'],
        ['3000000000', '5000000000000'],
        ['0', '0'],
      ],
    );
  });

  test('unlimited', 'The highest value is no limit at all', { proves }, async (trial) => {
    if (limitsHere('CORE').hard !== unlimited) throw new NotTestable('needs unlimited RLIMIT_CORE');
    const { results } = await trial.look(
      ({ process }) => {
        process.rlimits = [{ type: 'RLIMIT_CORE', soft: unlimited, hard: unlimited }];
      },
      'getrlimit',
      `${rlimits.CORE.number}`,
    );
    deepEqual(results, [{ operation: 'getrlimit', soft: `${unlimited}`, hard: `${unlimited}` }]);
  });

  test(
    'unset',
    'A limit that the configuration does not name is that of the runtime',
    { proves: ['runtime/start/3'] },
    async (trial) => {
      const { soft, hard } = limitsHere('FSIZE');
      const { results } = await trial.look(() => {}, 'getrlimit', `${rlimits.FSIZE.number}`);
      deepEqual(results, [{ operation: 'getrlimit', soft: `${soft}`, hard: `${hard}` }]);
    },
  );

  for (const type of ['RLIMIT_NOTHING', 'NOFILE', 'rlimit_nofile', ''])
    test(
      `unknown-${type || 'empty'}`,
      `A limit that the kernel does not have is an error: ${JSON.stringify(type)}`,
      { proves: ['config/posix-process/1'] },
      async (trial) => {
        await neverStarts(trial, ({ process }) => {
          process.rlimits = [{ type, soft: 64, hard: 64 }];
        });
      },
    );

  for (const soft of [64, 32])
    test(
      soft === 64 ? 'twice-same' : 'twice-different',
      `The same limit twice is an error, with ${soft === 64 ? 'equal' : 'different'} values`,
      { proves: ['config/posix-process/5'] },
      async (trial) => {
        await neverStarts(trial, ({ process }) => {
          process.rlimits = [
            { type: 'RLIMIT_NOFILE', soft: 64, hard: 64 },
            { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
            { type: 'RLIMIT_NOFILE', soft, hard: 64 },
          ];
        });
      },
    );

  test(
    'soft-above-hard',
    'A soft limit above the hard one cannot be set and is an error',
    { proves: ['runtime/lifecycle/2'] },
    async (trial) => {
      await neverStarts(trial, ({ process }) => {
        process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 65, hard: 64 }];
      });
    },
  );
});
