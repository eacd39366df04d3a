/** Where the state is kept when nobody has said it. */
import { deepEqual, equal } from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startCall } from '../../lib/call.js';
import { probe } from '../../probe/program.js';
import { notRoot, root } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { succeeds, type Trial } from '../../runner/trial.js';

/** A command as root of a new user namespace, where the caller is the only id. */
function asNamespaceRoot(trial: Trial, env: Readonly<Record<string, string>>, words: string[]) {
  const map = (id?: number) => `0 ${id} 1`;
  const inside = [
    ...['unshare', 'user', 'write', '/proc/self/setgroups', 'deny'],
    ...['write', '/proc/self/uid_map', map(process.getuid?.())],
    ...['write', '/proc/self/gid_map', map(process.getgid?.())],
    ...['become', ...trial.engine.command, ...words],
  ];
  return startCall(trial.folder, [probe(), ...inside], { env }).ended();
}

export const rootTests = subject('engine-roots', (test) => {
  test(
    'of-root',
    'What root creates with XDG_RUNTIME_DIR is found without it',
    { proves: ['command-line/root-of-root', 'command-line/default-root'], needs: [root] },
    async (trial) => {
      const home = trial.folderFor('home');
      const env = { XDG_RUNTIME_DIR: home, USER: 'root' };
      const container = trial.container();
      try {
        await succeeds(trial.bare(container.words('create'), { env }));
        const { stdout } = await succeeds(trial.bare(['state', container.id]));
        equal(JSON.parse(stdout).pid, container.pid);
        deepEqual(readdirSync(home), []);
      } finally {
        await trial.bare(['delete', '--force', container.id], { env });
        await trial.bare(['delete', '--force', container.id]);
      }
      await trial.expectNothingLeft();
    },
  );

  test(
    'of-namespace',
    'Root of a user namespace has its state below XDG_RUNTIME_DIR, if USER is somebody else',
    { proves: ['command-line/root-of-namespace'], needs: [notRoot] },
    async (trial) => {
      for (const [name, env] of [
        ['named', { USER: 'somebody' }],
        ['unnamed', {}],
      ] as const) {
        const home = trial.folderFor(name);
        const all = { ...env, XDG_RUNTIME_DIR: home };
        const { stdout } = await succeeds(asNamespaceRoot(trial, all, ['list', '--quiet']));
        const [folder = '', ...more] = readdirSync(home);
        const mode = statSync(join(home, folder)).mode & 0o7777;
        deepEqual([stdout, more, mode.toString(8)], ['', [], '1700']);
      }
    },
  );

  test(
    'of-namespace-root',
    'Who says to be root by USER has nothing below XDG_RUNTIME_DIR',
    { proves: ['command-line/root-of-namespace'], needs: [notRoot] },
    async (trial) => {
      const home = trial.folderFor('home');
      const env = { XDG_RUNTIME_DIR: home, USER: 'root' };
      await asNamespaceRoot(trial, env, ['list', '--quiet']);
      deepEqual(readdirSync(home), []);
    },
  );
});
