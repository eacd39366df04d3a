import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { textOf } from '../lib/machine.js';
import { root } from '../runner/host.js';
import { subject } from '../runner/test.js';

const fileOf = (name: string): string => `/proc/sys/${name.replaceAll('.', '/')}`;

/** Parameters of namespaces that the base bundle has, with values that are not the usual ones. */
const parameters = [
  ['kernel.msgmax', '8000'],
  ['kernel.shm_rmid_forced', '1'],
  ['fs.mqueue.msg_max', '11'],
  ['net.core.somaxconn', '257'],
  ['net.ipv4.ping_group_range', '7\t9'],
  ['kernel.domainname', 'example.org'],
] as const;

export const sysctlTests = subject('sysctl', (test) => {
  for (const [name, value] of parameters)
    test(
      name.replaceAll('.', '-'),
      `${name} is set for the container and for nobody else`,
      { proves: ['runtime/lifecycle/1', 'runtime/create/4'], needs: [root] },
      async (trial) => {
        const before = textOf(fileOf(name));
        const { results } = await trial.look(
          ({ linux }) => {
            linux.sysctl = { [name]: value };
          },
          'read',
          fileOf(name),
        );
        equal(results[0]?.text, `${value}\n`);
        equal(textOf(fileOf(name)), before);
        notEqual(before, `${value}\n`, 'the host has this value itself');
      },
    );

  test(
    'several',
    'Several parameters are set, also with slashes in their names',
    { proves: ['runtime/lifecycle/1'], needs: [root] },
    async (trial) => {
      const { results } = await trial.look(
        ({ linux }) => {
          linux.sysctl = { 'net/core/somaxconn': '257', 'kernel.msgmax': '8000' };
        },
        ...['read', fileOf('net.core.somaxconn'), 'read', fileOf('kernel.msgmax')],
      );
      deepEqual(
        results.map(({ text }) => text),
        ['257\n', '8000\n'],
      );
    },
  );

  for (const [slug, what, sysctl] of [
    ['unknown', 'does not exist', { 'net.ipv4.colour': '1' }],
    ['invalid', 'cannot have the value', { 'kernel.msgmax': 'many' }],
  ] as const)
    test(
      slug,
      `A parameter that ${what} is refused`,
      { proves: ['runtime/create/6'], needs: [root] },
      async (trial) => {
        await trial.refused(({ linux }) => {
          linux.sysctl = sysctl;
        });
      },
    );
});
