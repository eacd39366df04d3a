import { join } from 'node:path';
import { expect } from 'vitest';
import { call, startCall } from '../lib/call.js';
import type { Config } from '../lib/config.js';
import { helper } from '../lib/helpers.js';
import { suite } from '../lib/suite.js';
import { until } from '../lib/until.js';

const withAnnotation =
  (name: string, value: string) =>
  (config: Config): void => {
    config.annotations = { [name]: value };
  };

const groups = 'sed -n "s/^Groups:[ \\t]*//p" /proc/self/status | tr -s " \\n" ","';

suite('annotations', ({ it, engine }) => {
  const keepings = [
    ['1', '5,6,'],
    ['0', '7,'],
  ] as const;

  it('keep the groups of the caller', async (box) => {
    for (const [value, expected] of keepings) {
      const container = box.container((config) => {
        config.process.args = ['sh', '-c', groups];
        config.process.user = { uid: 1000, gid: 1000, additionalGids: [7] };
        withAnnotation('run.oci.keep_original_groups', value)(config);
      });
      const command = [...engine.command, '--root', box.root, ...container.words('run')];
      const caller = ['setpriv', '--groups', '5,6', '--', ...command];
      expect(await call(box.folder, caller)).toMatchObject({ status: 0, stdout: expected });
    }
  });

  it('have a pidfd of init sent to a socket', async (box) => {
    for (const path of ['receiver', join(box.folder, 'receiver')]) {
      const container = box.container(withAnnotation('run.oci.pidfd_receiver', path));
      const socket = path.startsWith('/') ? path : join(container.bundle, path);
      const receiver = startCall(box.folder, [helper('pidfd-receiver'), socket]);
      await until('somebody listens', () => receiver.stdout() === 'listening\n');
      const pid = await container.created();
      const { stdout } = await receiver.ended();
      expect(stdout).toBe(`listening\n  ${pid}\n0\n`);
    }
  });

  it('fail the container when nobody takes the pidfd', async (box) => {
    for (const [path, error] of [
      ['/no/such/socket', 'ENOENT'],
      ['config.json', 'is not a socket'],
    ] as const) {
      const refusal = await box.refusal(withAnnotation('run.oci.pidfd_receiver', path));
      expect(refusal).toContain('/annotations/run.oci.pidfd_receiver: ');
      expect(refusal).toContain(error);
    }
  });

  const refused = {
    'run.oci.handler': 'krun',
    'module.wasm.image~1variant': 'compat',
    'run.oci.seccomp_bpf_data': 'AAAA',
    'run.oci.delegate-cgroup': 'below',
    'run.oci.mount_context_type': 'anycontext',
  };

  it('that ask for what is not done are refused by name', async (box) => {
    for (const [pointer, value] of Object.entries(refused)) {
      const name = pointer.replace('~1', '/');
      const refusal = await box.refusal(withAnnotation(name, value));
      expect(refusal).toContain(`/annotations/${pointer}: `);
    }
  });

  it('that nobody here knows are taken, and those of engines too', async (box) => {
    const output = await box.inside('echo taken', (config) => {
      config.annotations = {
        'com.example.any': 'thing',
        'org.systemd.property.KillSignal': '15',
        'run.oci.handler': '',
        'module.wasm.image/variant': 'compat-smart',
      };
    });
    expect(output).toBe('taken\n');
  });
});
