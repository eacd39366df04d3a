/** What is printed, to the last value. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupV1, controller } from '../../runner/host.js';
import { subject } from '../../runner/test.js';
import { succeeds, type Trial } from '../../runner/trial.js';
import { created, running, stopped } from '../help.js';
import { hidden, options, readOnly } from './template.js';

async function featuresOf(trial: Trial): Promise<string> {
  return (await succeeds(trial.bare(['features']))).stdout;
}

async function template(trial: Trial, ...flags: readonly string[]) {
  const bundle = trial.folderFor('fresh');
  await succeeds(trial.bare(['spec', '--bundle', bundle, ...flags]));
  return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** By group: all names that there may be. */
const statistics: Readonly<Record<string, readonly string[]>> = {
  cpu: ['usage', 'throttling', 'psi'],
  'cpu.usage': ['total', 'percpu', 'percpu_kernel', 'percpu_user', 'kernel', 'user'],
  'cpu.throttling': ['periods', 'throttledPeriods', 'throttledTime'],
  memory: ['cache', 'usage', 'swap', 'kernel', 'kernelTCP', 'raw', 'psi'],
  'memory.usage': ['limit', 'usage', 'max', 'failcnt'],
  pids: ['current', 'limit'],
  cpuset: [
    ...['cpus', 'mems', 'cpu_exclusive', 'mem_hardwall', 'mem_exclusive', 'memory_migrate'],
    ...['memory_spread_page', 'memory_spread_slab', 'memory_pressure', 'sched_load_balance'],
    'sched_relax_domain_level',
  ],
  blkio: [
    ...['ioServiceBytesRecursive', 'ioServicedRecursive', 'ioQueueRecursive', 'psi'],
    ...['ioServiceTimeRecursive', 'ioWaitTimeRecursive', 'ioMergedRecursive'],
    ...['ioTimeRecursive', 'sectorsRecursive'],
  ],
};

const groups = [
  ...['cpu', 'cpuset', 'memory', 'pids', 'blkio', 'hugetlb', 'intel_rdt', 'network_interfaces'],
];

type Values = Record<string, unknown>;

const inside = (data: Values, name: string): Values =>
  name.split('.').reduce<Values>((part, key) => (part[key] ?? {}) as Values, data);

export const printedTests = subject('engine-printed', (test) => {
  test(
    'features-layout',
    'features is indented by four blanks, ends with a newline and sorts mount options',
    { proves: ['commands/features-layout'] },
    async (trial) => {
      const text = await featuresOf(trial);
      const features = JSON.parse(text);
      equal(text, `${JSON.stringify(features, null, 4)}\n`);
      deepEqual(features.mountOptions, [...features.mountOptions].sort());
    },
  );

  test(
    'features-kernel',
    'features tells of seccomp, AppArmor, SELinux, and what of cgroups there is',
    { proves: ['commands/features-kernel'] },
    async (trial) => {
      const { linux } = JSON.parse(await featuresOf(trial));
      for (const name of ['seccomp', 'apparmor', 'selinux'])
        equal(typeof linux[name].enabled, 'boolean', name);
      for (const name of ['v1', 'v2', 'systemd', 'systemdUser'])
        equal(typeof linux.cgroup[name], 'boolean', name);
      const { enabled, actions, operators, archs } = linux.seccomp;
      if (!enabled) return;
      for (const action of ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL'])
        ok(actions.includes(action), action);
      for (const name of ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'])
        ok(operators.includes(`SCMP_CMP_${name}`), name);
      ok(archs.includes('SCMP_ARCH_X86_64') && archs.includes('SCMP_ARCH_AARCH64'));
    },
  );

  test(
    'features-checkpoint',
    'The annotation about checkpoints is true exactly if there is the command',
    { proves: ['commands/features-checkpoint'] },
    async (trial) => {
      const { annotations = {} } = JSON.parse(await featuresOf(trial));
      const { status } = await trial.bare(['checkpoint', '--help']);
      const said = annotations['org.opencontainers.runc.checkpoint.enabled'] === 'true';
      equal(said, status === 0);
    },
  );

  test(
    'spec-process',
    'The process of the template has the usual environment, limits and capabilities, and no more',
    { proves: ['commands/spec-values'] },
    async (trial) => {
      const { process, hostname, ociVersion } = await template(trial);
      deepEqual(process.env, [path, 'TERM=xterm']);
      deepEqual(process.rlimits, [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }]);
      deepEqual(Object.keys(process.capabilities), ['bounding', 'effective', 'permitted']);
      match(hostname, /^[a-z][\w-]*$/);
      match(ociVersion, /^1\.\d+\.\d+/);
    },
  );

  test(
    'spec-mounts',
    'The mounts of the template have the usual options',
    { proves: ['commands/spec-values'] },
    async (trial) => {
      const { mounts } = await template(trial);
      for (const { destination, options: found } of mounts)
        deepEqual([destination, found], [destination, options[destination]]);
      equal(mounts.length, Object.keys(options).length);
    },
  );

  test(
    'spec-paths',
    'The template masks what tells of the host, and makes read-only what changes it',
    { proves: ['commands/spec-values'] },
    async (trial) => {
      const { linux } = await template(trial);
      deepEqual([...linux.maskedPaths].sort(), hidden);
      deepEqual([...linux.readonlyPaths].sort(), readOnly);
      const types = linux.namespaces.map(({ type }: { type: string }) => type).sort();
      const onV2 = trial.host.cgroups === 'v2' ? ['cgroup'] : [];
      deepEqual(types, [...onV2, 'ipc', 'mount', 'network', 'pid', 'uts']);
    },
  );

  test(
    'spec-rootless-sys',
    'spec --rootless binds /sys with all below it, read-only',
    { proves: ['commands/spec-rootless'] },
    async (trial) => {
      const { mounts } = await template(trial, '--rootless');
      const sys = mounts.find(({ destination }: Values) => destination === '/sys');
      deepEqual([sys.source, sys.options], ['/sys', ['rbind', 'nosuid', 'noexec', 'nodev', 'ro']]);
    },
  );

  test(
    'list-json',
    'As JSON the list is one line without blanks',
    { proves: ['states/list-layout', 'states/json'] },
    async (trial) => {
      await created(trial);
      await stopped(trial);
      const { stdout } = await succeeds(trial.runtime('list', '--format', 'json'));
      equal(stdout.trimEnd(), JSON.stringify(JSON.parse(stdout)));
    },
  );

  test(
    'list-columns',
    'The columns of the table start below each other',
    { proves: ['states/list-layout', 'states/table'] },
    async (trial) => {
      const { id, bundle } = await created(trial);
      const { stdout } = await succeeds(trial.runtime('list'));
      const [head = '', line = ''] = stdout.split('\n');
      const names = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];
      const starts = names.map((name) => head.search(new RegExp(`\\b${name}\\b`)));
      const widths = [id.length, 0, 0, bundle.length].map((length) => Math.max(12, length + 3));
      const [first = 0, , , fourth = 0] = widths;
      deepEqual(starts.slice(0, 5), [...[0, first, first + 12, first + 24, first + 24 + fourth]]);
      for (const start of starts) match(line.slice(Math.max(0, start - 1), start + 1), /^ ?\S$/);
    },
  );

  test(
    'created-now',
    'The time of the creation is when the container was created',
    { proves: ['states/created-at'] },
    async (trial) => {
      const before = Date.now();
      const container = await created(trial);
      const after = Date.now();
      const at = Date.parse((await container.query()).created);
      ok(at >= before - 1000 && at <= after, `${at} is not between ${before} and ${after}`);
    },
  );

  test(
    'events-keys',
    'The statistics have the usual names and no others',
    { proves: ['commands/events-keys'], needs: [controller('memory'), controller('cpuset')] },
    async (trial) => {
      const { id } = await running(trial);
      const { stdout } = await succeeds(trial.runtime('events', '--stats', id));
      const { data } = JSON.parse(stdout);
      deepEqual(Object.keys(data).sort(), [...groups].sort());
      for (const [name, usual] of Object.entries(statistics))
        for (const key of Object.keys(inside(data, name)))
          ok(usual.includes(key), `${name} has ${key}`);
      ok(data.network_interfaces === null || Array.isArray(data.network_interfaces));
      ok(Object.values(data.memory.raw).every((value) => typeof value === 'number'));
      const { psi: _, ...lists } = data.blkio;
      for (const list of Object.values(lists)) ok(Array.isArray(list));
    },
  );

  test(
    'events-cpuset',
    'The statistics name the CPUs as a list, and switches as numbers',
    { proves: ['commands/events-keys'], needs: [controller('cpuset'), cgroupV1] },
    async (trial) => {
      const { id } = await running(trial);
      const { stdout } = await succeeds(trial.runtime('events', '--stats', id));
      const { cpuset } = JSON.parse(stdout).data;
      ok(Array.isArray(cpuset.cpus) && cpuset.cpus.length > 0);
      equal(typeof cpuset.sched_load_balance, 'number');
    },
  );
});
