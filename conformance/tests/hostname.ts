import { equal } from 'node:assert/strict';
import { subject } from '../runner/test.js';

export const hostnameTests = subject('hostname', (test) => {
  test(
    'set',
    'The container has the host name of the configuration',
    { proves: ['runtime/lifecycle/1'] },
    async (trial) => {
      const report = await trial.look((config) => {
        config.hostname = 'somewhere';
      });
      equal(report.hostname, 'somewhere');
    },
  );

  test(
    'untouched',
    'Without hostname the container has the one of its UTS namespace',
    { proves: ['config-linux/namespaces/6'] },
    async (trial) => {
      const { hostname } = await trial.look();
      equal(hostname, 'inside');
    },
  );
});
