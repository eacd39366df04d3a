import { equal, ok } from 'node:assert/strict';
import { cgroupV1, cgroupV2, controller, root } from '../runner/host.js';
import { limitOf, refusedAnyhow, removeCgroups } from '../runner/scratch.js';
import { subject } from '../runner/test.js';

const unified = (values: Record<string, string>) => ({ unified: values });

export const unifiedTests = subject('unified', (test) => {
  test(
    'enabled',
    'A controller that is needed is enabled for the cgroup, also through others above it',
    { proves: ['config-linux/unified/1'], needs: [cgroupV2, controller('pids')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.cgroupsPath += '/a/b';
        linux.resources = unified({ 'pids.max': '44' });
      });
      const path = `${container.cgroup}/a/b`;
      await container.created();
      ok(limitOf('pids', path, 'cgroup.controllers').split(' ').includes('pids'));
      equal(limitOf('pids', path, 'pids.max'), '44');
      await container.delete('--force');
      removeCgroups(container.cgroup);
    },
  );

  for (const [file, value] of [
    ['cgroup.max.depth', '3'],
    ['cgroup.max.descendants', '17'],
  ] as const)
    test(
      file.replaceAll('.', '-'),
      `${file} is written, although no field of the configuration is about it`,
      { proves: ['config-linux/unified/2'], needs: [cgroupV2, root] },
      async (trial) => {
        const container = trial.container(({ linux }) => {
          linux.resources = unified({ [file]: value });
        });
        await container.created();
        equal(limitOf('', container.cgroup, file), value);
      },
    );

  test(
    'memory-high',
    'A value for a controller is written to its file',
    { proves: ['config-linux/unified/2'], needs: [cgroupV2, controller('memory')] },
    async (trial) => {
      const container = trial.container(({ linux }) => {
        linux.resources = unified({ 'memory.high': '50331648', 'memory.oom.group': '1' });
      });
      await container.created();
      equal(limitOf('memory', container.cgroup, 'memory.high'), '50331648');
      equal(limitOf('memory', container.cgroup, 'memory.oom.group'), '1');
    },
  );

  for (const [slug, key] of [
    ['controller', 'colour.max'],
    ['file', 'cgroup.colour'],
  ] as const)
    test(
      `unknown-${slug}`,
      `${key}, which there is not, is refused`,
      { proves: ['config-linux/unified/3'], needs: [cgroupV2, root] },
      (trial) =>
        refusedAnyhow(trial, ({ linux }) => {
          linux.resources = unified({ [key]: '1' });
        }),
    );

  test(
    'not-there',
    'A controller that no hierarchy of cgroup v2 has is refused',
    { proves: ['config-linux/unified/3'], needs: [cgroupV1, controller('memory')] },
    (trial) =>
      refusedAnyhow(trial, ({ linux }) => {
        linux.resources = unified({ 'memory.high': '50331648' });
      }),
  );
});
