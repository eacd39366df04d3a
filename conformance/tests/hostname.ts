import { deepEqual, equal } from 'node:assert/strict';
import { textOf } from '../lib/machine.js';
import { subject } from '../runner/test.js';

const hostNames = (): string[] =>
  ['hostname', 'domainname'].map((name) => textOf(`/proc/sys/kernel/${name}`));

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

  test(
    'domain-set',
    'The container has the domain name of the configuration',
    { proves: ['runtime/create/4'] },
    async (trial) => {
      const report = await trial.look((config) => {
        config.domainname = 'example.org';
      });
      equal(report.domainname, 'example.org');
    },
  );

  test(
    'host-untouched',
    'Names of the container are none of the host',
    { proves: ['config-linux/namespaces/5'] },
    async (trial) => {
      const before = hostNames();
      const inside = await trial.look((config) => {
        Object.assign(config, { hostname: 'somewhere', domainname: 'example.org' });
      });
      equal(inside.hostname, 'somewhere');
      deepEqual(hostNames(), before);
    },
  );
});
