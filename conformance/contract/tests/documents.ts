import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../lib/config.js';
import { readReport } from '../../probe/report.js';
import { root } from '../../runner/host.js';
import { NotTestable, subject } from '../../runner/test.js';
import { fails, succeeds, type Trial } from '../../runner/trial.js';
import { created } from '../help.js';

async function specOf(trial: Trial, ...flags: readonly string[]): Promise<Config> {
  const bundle = trial.folderFor('fresh');
  await succeeds(trial.bare(['spec', '--bundle', bundle, ...flags]));
  return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
}

const typesOf = ({ linux }: Config): string[] => linux.namespaces.map(({ type }) => type);

export const specTests = subject('engine-spec', (test) => {
  test(
    'working-directory',
    'spec writes config.json where the caller is, and prints nothing',
    { proves: ['commands/spec-template', 'logging/silent'] },
    async (trial) => {
      const cwd = trial.folderFor('here');
      const { stdout, stderr } = await succeeds(trial.bare(['spec'], { cwd }));
      deepEqual([stdout, stderr], ['', '']);
      ok(JSON.parse(readFileSync(join(cwd, 'config.json'), 'utf8')).ociVersion);
    },
  );

  test(
    'template',
    'The configuration is a shell on a terminal in namespaces of its own, with the usual mounts',
    { proves: ['commands/spec-template'] },
    async (trial) => {
      const config = await specOf(trial);
      const { process, root: rootfs, mounts, linux } = config;
      deepEqual([process.terminal, process.args, process.cwd], [true, ['sh'], '/']);
      deepEqual([process.user.uid, process.user.gid], [0, 0]);
      equal(process.noNewPrivileges, true);
      ok(
        process.env.some((each) => /^PATH=.*\/bin/.test(each)) &&
          process.env.includes('TERM=xterm'),
      );
      const usual = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];
      const { bounding, effective, permitted } = process.capabilities ?? {};
      for (const set of [bounding, effective, permitted]) deepEqual(set, usual);
      deepEqual(rootfs, { path: 'rootfs', readonly: true });
      deepEqual(
        mounts.map(({ destination }) => destination),
        ['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue', '/sys', '/sys/fs/cgroup'],
      );
      for (const type of ['pid', 'network', 'ipc', 'uts', 'mount'])
        ok(typesOf(config).includes(type));
      deepEqual(linux.resources?.devices, [{ allow: false, access: 'rwm' }]);
      ok(linux.maskedPaths?.includes('/proc/kcore') && linux.readonlyPaths?.includes('/proc/sys'));
    },
  );

  test(
    'layout',
    'The configuration is indented by tabs',
    { proves: ['commands/spec-layout'] },
    async (trial) => {
      await specOf(trial);
      const text = readFileSync(join(trial.folder, 'fresh/config.json'), 'utf8');
      equal(text.trimEnd(), JSON.stringify(JSON.parse(text), null, '\t'));
    },
  );

  test(
    'exists',
    'A config.json that is there is not replaced: `exists`',
    { proves: ['commands/spec-exists'] },
    async (trial) => {
      const cwd = trial.folderFor('here');
      writeFileSync(join(cwd, 'config.json'), 'mine');
      const { status, stderr } = await fails(trial.bare(['spec'], { cwd }));
      equal(status, 1);
      match(stderr, /config\.json.*exists/);
      equal(readFileSync(join(cwd, 'config.json'), 'utf8'), 'mine');
    },
  );

  test(
    'rootless',
    'spec --rootless has a user namespace of one id, no network namespace and no limits',
    { proves: ['commands/spec-rootless'] },
    async (trial) => {
      const config = await specOf(trial, '--rootless');
      const { linux, mounts } = config;
      ok(typesOf(config).includes('user') && !typesOf(config).includes('network'));
      const [uid, gid] = [process.getuid?.(), process.getgid?.()];
      deepEqual(linux.uidMappings, [{ containerID: 0, hostID: uid, size: 1 }]);
      deepEqual(linux.gidMappings, [{ containerID: 0, hostID: gid, size: 1 }]);
      equal(linux.resources, undefined);
      const words = mounts.flatMap(({ options = [] }) => options);
      deepEqual(
        words.filter((word) => /^[ug]id=/.test(word)),
        [],
      );
      equal(mounts.find(({ destination }) => destination === '/sys')?.source, '/sys');
    },
  );

  test(
    'works',
    'What spec writes runs, once it has a program and needs no terminal',
    { proves: ['commands/spec-works'], needs: [root] },
    async (trial) => {
      const config = await specOf(trial);
      const container = trial.container();
      config.process.terminal = false;
      config.process.args = ['/probe'];
      config.linux.cgroupsPath = container.cgroup;
      writeFileSync(join(container.bundle, 'config.json'), JSON.stringify(config));
      const { stdout } = await succeeds(container.runtime('run'));
      equal(readReport(stdout).pid, 1);
    },
  );
});

export const featuresTests = subject('engine-features', (test) => {
  test(
    'json',
    'features is one JSON document with the versions, and nothing is on the error output',
    { proves: ['commands/features-json', 'logging/silent', 'logging/stdout'] },
    async (trial) => {
      for (const env of [
        {},
        { NODE_DEBUG: 'net', NODE_PENDING_DEPRECATION: '1', GODEBUG: 'x=1' },
      ]) {
        const { stdout, stderr } = await succeeds(trial.bare(['features'], { env }));
        const { ociVersionMin, ociVersionMax } = JSON.parse(stdout);
        equal(stderr, '');
        match(ociVersionMin, /^1\.0\.0/);
        match(ociVersionMax, /^1\.\d+\.\d+/);
      }
    },
  );

  test(
    'keys',
    'features tells hooks, mount options, namespaces, capabilities and cgroups',
    { proves: ['commands/features-keys'] },
    async (trial) => {
      const { stdout } = await succeeds(trial.bare(['features']));
      const { hooks, mountOptions, linux } = JSON.parse(stdout);
      for (const name of ['prestart', 'createRuntime', 'createContainer', 'startContainer'])
        ok(hooks.includes(name), name);
      ok(hooks.includes('poststart') && hooks.includes('poststop'));
      for (const name of ['bind', 'rbind', 'ro', 'rprivate']) ok(mountOptions.includes(name), name);
      for (const name of ['cgroup', 'ipc', 'mount', 'network', 'pid', 'user', 'uts'])
        ok(linux.namespaces.includes(name), name);
      ok(linux.capabilities.includes('CAP_SYS_ADMIN'));
      deepEqual(
        [linux.cgroup.v1, linux.cgroup.v2].map((each) => typeof each),
        ['boolean', 'boolean'],
      );
    },
  );

  test(
    'engines',
    'features tells whether rro is a mount option and mounts can have their ids mapped',
    { proves: ['commands/features-keys'] },
    async (trial) => {
      const { stdout } = await succeeds(trial.bare(['features']));
      const { mountOptions, linux } = JSON.parse(stdout);
      ok(mountOptions.includes('rro'));
      equal(typeof linux.mountExtensions?.idmap?.enabled, 'boolean');
    },
  );
});

/** Whether a runtime has the commands: it says so by their help. */
async function canCheckpoint(trial: Trial): Promise<void> {
  const { status } = await trial.bare(['checkpoint', '--help']);
  if (status !== 0) throw new NotTestable('the runtime does not offer to checkpoint containers');
}

export const checkpointTests = subject('engine-checkpoint', (test) => {
  test(
    'probe',
    'checkpoint --help ends with 0 if the command is in the help, and fails if it is not',
    { proves: ['commands/checkpoint-probe'] },
    async (trial) => {
      const { stdout } = await succeeds(trial.bare(['--help']));
      const { status } = await trial.bare(['checkpoint', '--help']);
      equal(status === 0, /^\s+(\S+ )?checkpoint\b/m.test(stdout));
      equal((await trial.bare(['restore', '--help'])).status === 0, status === 0);
    },
  );

  test(
    'restore-probe',
    'restore --lsm-mount-context says that it needs an argument',
    { proves: ['commands/restore-probe'] },
    async (trial) => {
      await canCheckpoint(trial);
      const { status, stdout, stderr } = await trial.bare(['restore', '--lsm-mount-context']);
      notEqual(status, 0);
      match(stdout + stderr, /flag needs an argument|requires an argument/);
    },
  );

  test(
    'created',
    'A container that waits for its start cannot be checkpointed',
    { proves: ['commands/checkpoint-created'], needs: [root] },
    async (trial) => {
      await canCheckpoint(trial);
      const container = await created(trial);
      const words = ['--image-path', trial.folderFor('image'), container.id];
      equal((await fails(trial.runtime('checkpoint', ...words))).status, 1);
      equal(await container.status(), 'created');
    },
  );
});
