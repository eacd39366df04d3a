import { equal } from 'node:assert/strict';
import type { Container, Prepare } from '../lib/container.js';
import { subject } from '../runner/test.js';
import { fails, succeeds } from '../runner/trial.js';
import { isAsBefore, runs, statusOf, viewOf } from './lib/view.js';

/** What no runtime can provide on any host. */
const impossible: Readonly<Record<string, { readonly what: string; readonly prepare: Prepare }>> = {
  mount: {
    what: 'a mount of what is not there',
    prepare: ({ mounts }) =>
      mounts.push({ destination: '/tmp', source: '/nowhere/at/all', options: ['bind'] }),
  },
  'mount-option': {
    what: 'an option that its file system does not know',
    prepare: ({ mounts }) =>
      mounts.push({ destination: '/tmp', type: 'tmpfs', options: ['notanoption=1'] }),
  },
  'file-system': {
    what: 'a mount of a type that does not exist',
    prepare: ({ mounts }) =>
      mounts.push({ destination: '/tmp', type: 'notafilesystem', source: 'none' }),
  },
  namespace: {
    what: 'a namespace to join that is not there',
    prepare: ({ linux }) => {
      for (const namespace of linux.namespaces)
        if (namespace.type === 'ipc') namespace.path = '/nowhere/at/all';
    },
  },
  'wrong-namespace': {
    what: 'a namespace to join that is of another type',
    prepare: ({ linux }) => {
      for (const namespace of linux.namespaces)
        if (namespace.type === 'ipc') namespace.path = '/proc/self/ns/uts';
    },
  },
  root: {
    what: 'a root file system that is not there',
    prepare: (config) => {
      config.root.path = 'nowhere';
    },
  },
  sysctl: {
    what: 'a kernel parameter that does not exist',
    prepare: ({ linux }) => {
      linux.sysctl = { 'net.nowhere.at_all': '1' };
    },
  },
};

const repaired = (container: Container, good: string): void => {
  Object.assign(container.config, JSON.parse(good));
  container.write();
};

export const errorsTests = subject('errors', (test) => {
  for (const [name, { what, prepare }] of Object.entries(impossible))
    test(
      name,
      `create fails for ${what}, leaves nothing, and its id stays free`,
      {
        proves: ['runtime/lifecycle/2', 'runtime/create/6', 'runtime/errors/1'],
      },
      async (trial) => {
        let good = '';
        const container = trial.container((config, paths) => {
          good = JSON.stringify(config);
          prepare(config, paths);
        });
        await fails(container.create());
        equal(await statusOf(trial, container), 'absent');
        equal(runs(container), 0);
        await trial.expectNothingLeft();
        repaired(container, good);
        await container.started();
        await container.ended();
        await succeeds(container.delete());
      },
    );

  test(
    'same-id',
    'create with the id of another container fails and does this one no harm',
    { proves: ['runtime/state/1', 'runtime/create/2', 'runtime/errors/1'] },
    async (trial) => {
      const first = await trial.probing(['wait']);
      await trial.firstReport(first);
      const second = trial.container((config) => {
        config.hostname = 'second';
      });
      const before = await viewOf(trial, first);
      await fails(trial.runtime('create', '--bundle', second.bundle, first.id));
      await isAsBefore(trial, first, before);
    },
  );
});
