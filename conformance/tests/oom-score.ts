import { equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { NotTestable, subject } from '../runner/test.js';
import { lookFromShell } from './support/process.js';
import { mayRaise } from './support/rlimits.js';

/** Everybody may raise it. */
const ours = () => Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
const above = (steps: number) => Math.min(ours() + steps, 1000);
const raise = (to: number) => `echo ${to} >/proc/self/oom_score_adj`;

export const oomScoreTests = subject('oom-score', (test) => {
  const set = ['config/linux-process/3'];

  for (const steps of [1, 250, 1000])
    test(
      `raised-${steps}`,
      `oomScoreAdj is that of the configuration: ${steps} more than the runtime’s`,
      { proves: set },
      async (trial) => {
        const score = above(steps);
        const { files } = await trial.look(({ process }) => {
          process.oomScoreAdj = score;
        });
        equal(files.oom_score_adj, `${score}\n`);
      },
    );

  test(
    'same',
    'oomScoreAdj is that of the configuration: the same as the runtime’s',
    { proves: set },
    async (trial) => {
      const score = above(20);
      const { files } = await lookFromShell(trial, raise(score), ({ process }) => {
        process.oomScoreAdj = score;
      });
      equal(files.oom_score_adj, `${score}\n`);
    },
  );

  test(
    'zero',
    'An oomScoreAdj of 0 is a value, which takes back what the runtime has itself',
    { proves: set },
    async (trial) => {
      if (ours() > 0) throw new NotTestable('needs an oom_score_adj of at most 0 itself');
      const { files } = await lookFromShell(trial, raise(above(100)), ({ process }) => {
        process.oomScoreAdj = 0;
      });
      equal(files.oom_score_adj, '0\n');
    },
  );

  test(
    'lowered',
    'oomScoreAdj is that of the configuration: less than the runtime’s',
    { proves: set },
    async (trial) => {
      if (!mayRaise(trial.host.isRoot)) throw new NotTestable('needs CAP_SYS_RESOURCE');
      const score = Math.max(ours() - 700, -1000);
      const { files } = await trial.look(({ process }) => {
        process.oomScoreAdj = score;
      });
      equal(files.oom_score_adj, `${score}\n`);
    },
  );

  test(
    'unset',
    'Without oomScoreAdj the process has the value that the runtime was started with',
    { proves: ['config/linux-process/4'] },
    async (trial) => {
      const score = above(321);
      const { files } = await lookFromShell(trial, raise(score));
      equal(files.oom_score_adj, `${score}\n`);
    },
  );
});
