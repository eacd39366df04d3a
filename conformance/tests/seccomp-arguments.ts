import { deepEqual } from 'node:assert/strict';
import { subject } from '../runner/test.js';
import { numberOf, ruling, victim } from './seccomp-filter.js';

const [EBADMSG, EINVAL] = [74, 22];

interface Condition {
  readonly index: number;
  readonly value: number | bigint;
  readonly valueTwo?: number | bigint;
  readonly op: string;
}

const large = 0x1_0000_0007n;

/** Conditions, calls with two arguments, and which of the calls are forbidden. */
const rows: readonly (readonly [
  slug: string,
  conditions: readonly Condition[],
  calls: readonly (readonly [first: string, second: string])[],
  forbidden: readonly boolean[],
])[] = [
  [
    'ne',
    [{ index: 0, value: 5, op: 'SCMP_CMP_NE' }],
    [
      ['5', '0'],
      ['6', '0'],
      ['4', '0'],
    ],
    [false, true, true],
  ],
  [
    'lt',
    [{ index: 0, value: 5, op: 'SCMP_CMP_LT' }],
    [
      ['4', '0'],
      ['5', '0'],
      ['6', '0'],
    ],
    [true, false, false],
  ],
  [
    'le',
    [{ index: 0, value: 5, op: 'SCMP_CMP_LE' }],
    [
      ['4', '0'],
      ['5', '0'],
      ['6', '0'],
    ],
    [true, true, false],
  ],
  [
    'eq',
    [{ index: 0, value: 5, op: 'SCMP_CMP_EQ' }],
    [
      ['4', '0'],
      ['5', '0'],
      ['6', '0'],
    ],
    [false, true, false],
  ],
  [
    'ge',
    [{ index: 0, value: 5, op: 'SCMP_CMP_GE' }],
    [
      ['4', '0'],
      ['5', '0'],
      ['6', '0'],
    ],
    [false, true, true],
  ],
  [
    'gt',
    [{ index: 0, value: 5, op: 'SCMP_CMP_GT' }],
    [
      ['4', '0'],
      ['5', '0'],
      ['6', '0'],
    ],
    [false, false, true],
  ],
  [
    'masked',
    [{ index: 0, value: 0xf0, valueTwo: 0x50, op: 'SCMP_CMP_MASKED_EQ' }],
    [
      ['0x5a', '0'],
      ['0x50', '0'],
      ['0x60', '0'],
      ['0x150', '0'],
    ],
    [true, true, false, true],
  ],
  [
    'second',
    [{ index: 1, value: 9, op: 'SCMP_CMP_EQ' }],
    [
      ['9', '8'],
      ['8', '9'],
    ],
    [false, true],
  ],
  [
    'all',
    [
      { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
      { index: 1, value: 2, op: 'SCMP_CMP_EQ' },
    ],
    [
      ['1', '2'],
      ['1', '3'],
      ['2', '2'],
    ],
    [true, false, false],
  ],
  [
    'large-eq',
    [{ index: 0, value: large, op: 'SCMP_CMP_EQ' }],
    [
      ['0x100000007', '0'],
      ['7', '0'],
      ['0x100000008', '0'],
    ],
    [true, false, false],
  ],
  [
    'large-gt',
    [{ index: 0, value: large, op: 'SCMP_CMP_GT' }],
    [
      ['0x100000008', '0'],
      ['0x200000000', '0'],
      ['0xffffffff', '0'],
    ],
    [true, true, false],
  ],
];

export const seccompArgumentTests = subject('seccomp', (test) => {
  for (const [slug, args, calls, forbidden] of rows)
    test(
      `arguments-${slug}`,
      `Conditions hold: ${args.map(({ index, op, value }) => `argument ${index} ${op} ${value}`).join(', ')}`,
      {
        proves: ['runtime/lifecycle/1', 'runtime/create/4'],
        needs: [() => (numberOf(victim) === '-1' ? 'needs another machine' : null)],
      },
      async (trial) => {
        const { results } = await trial.look(
          ruling({ errnoRet: EBADMSG, args: [...args] }),
          ...calls.flatMap((words) => ['call', numberOf(victim), ...words, '0']),
        );
        deepEqual(
          results.map(({ errno }) => errno === EBADMSG),
          forbidden,
        );
      },
    );

  test(
    'arguments-either',
    'Of two rules about the same call either holds',
    { proves: ['runtime/lifecycle/1'], needs: [] },
    async (trial) => {
      const rule = (value: number, errnoRet: number) => ({
        names: [victim],
        action: 'SCMP_ACT_ERRNO',
        errnoRet,
        args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
      });
      const { results } = await trial.look(
        ({ linux }) => {
          const syscalls = [rule(5, EBADMSG), rule(6, EBADMSG + 1)];
          linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
        },
        ...['5', '6', '70000'].flatMap((value) => ['call', numberOf(victim), value, '0', '0']),
      );
      deepEqual(
        results.map(({ errno }) => errno),
        [EBADMSG, EBADMSG + 1, EINVAL],
      );
    },
  );
});
