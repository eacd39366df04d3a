import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Change, inLinux, inProcess } from '../lib/changes.js';
import { engines } from '../lib/engines.js';
import { textOf } from '../lib/machine.js';
import { suite } from '../lib/suite.js';

/** Fields of proc_pid_stat(5): niceness, real-time priority, policy. */
const scheduled = (stat: string): string[] => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [19, 40, 41].map((number) => fields[number - 3] ?? '');
};

/** Where every CPU that there is may be used, so that nothing stands against a deadline. */
const works = (...command: readonly string[]): boolean =>
  spawnSync(command[0] ?? '', command.slice(1)).status === 0;

const policies: readonly (readonly [scheduler: object, expected: readonly string[]])[] = [
  [{ policy: 'SCHED_OTHER', nice: 7 }, ['7', '0', '0']],
  [{ policy: 'SCHED_BATCH', nice: -3 }, ['-3', '0', '3']],
  [{ policy: 'SCHED_IDLE' }, ['0', '0', '5']],
];

const realTime: typeof policies = [
  [{ policy: 'SCHED_FIFO', priority: 42 }, ['0', '42', '1']],
  [{ policy: 'SCHED_RR', priority: 1, flags: ['SCHED_FLAG_RESET_ON_FORK'] }, ['0', '1', '2']],
];

const deadline = {
  policy: 'SCHED_DEADLINE',
  runtime: 10_000_000n,
  deadline: 20_000_000n,
  period: 4_000_000_000n,
};

const refusals: readonly (readonly [what: string, change: Change, words: RegExp])[] = [
  [
    'a policy that the kernel lacks',
    inProcess('scheduler', { policy: 'SCHED_ISO' }),
    /\/process\/scheduler: set SCHED_ISO.*EINVAL.*lacks the policy/s,
  ],
  [
    'a deadline that is too short',
    inProcess('scheduler', { policy: 'SCHED_DEADLINE', runtime: 1, deadline: 1, period: 1 }),
    /\/process\/scheduler: set SCHED_DEADLINE.*EINVAL/s,
  ],
  [
    'a memory node that there is not',
    inLinux('memoryPolicy', { mode: 'MPOL_BIND', nodes: '1023' }),
    /\/linux\/memoryPolicy: set MPOL_BIND.*EINVAL.*none of the memory nodes/s,
  ],
];

suite('scheduling and memory', ({ it, engine }) => {
  it('follow the policy of the configuration', async (box) => {
    for (const [scheduler, expected] of engine.quick ? policies : policies.slice(1, 2)) {
      const change = inProcess('scheduler', scheduler);
      expect([scheduler, scheduled(await box.inside('cat /proc/self/stat', change))]).toEqual([
        scheduler,
        expected,
      ]);
    }
  });

  if (works('chrt', '--fifo', '1', 'true'))
    it('follow real-time policies', async (box) => {
      for (const [scheduler, expected] of realTime) {
        const container = box.container((config) => {
          config.process.args = ['cat', '/proc/self/stat'];
          inProcess('scheduler', scheduler)(config);
        });
        // A new cgroup of v1 has no share of real time.
        const { id, bundle } = container;
        const flags = ['--cgroup-manager', 'disabled', 'run', '--bundle', bundle, id];
        const { stdout } = await box.runtime(...flags);
        expect([scheduler, scheduled(stdout)]).toEqual([scheduler, expected]);
      }
    });

  it('go back to the usual niceness with a fork when that is asked for', async (box) => {
    const script = 'read own < /proc/$$/stat; echo "$own"; cat /proc/self/stat';
    const flags = ['SCHED_FLAG_RESET_ON_FORK'];
    const change = inProcess('scheduler', { policy: 'SCHED_BATCH', nice: -5, flags });
    const [own = '', forked = ''] = (await box.inside(`${script}; true`, change)).split('\n');
    expect([scheduled(own), scheduled(forked)]).toEqual([
      ['-5', '0', '3'],
      ['0', '0', '3'],
    ]);
  });

  if (works('chrt', '--deadline', '-T', '10000000', '-P', '20000000', '0', 'true'))
    it('keep deadlines', async (box) => {
      const container = box.container((config) => {
        config.process.args = ['sleep', '1000'];
        config.process.scheduler = deadline;
      });
      const pid = await container.started();
      const { stdout } = spawnSync('chrt', ['--pid', String(pid)], { encoding: 'utf8' });
      expect(stdout).toMatch(/: SCHED_DEADLINE$/m);
      expect(stdout).toMatch(/: 10000000\/20000000\/4000000000$/m);
    });

  it('cannot have a deadline and a part of the CPUs', async (box) => {
    if (!/[-,]/.test(textOf('/sys/devices/system/cpu/online'))) return;
    const refusal = await box.refusal((config) => {
      config.process.scheduler = deadline;
      config.linux.resources = { cpu: { cpus: '0' } };
    });
    expect(refusal).toContain("process scheduler can't be used together with AllowedCPUs");
  });

  const classes: readonly (readonly [ioPriority: object, expected: string])[] = [
    [{ class: 'IOPRIO_CLASS_BE', priority: 6 }, 'best-effort: prio 6\n'],
    [{ class: 'IOPRIO_CLASS_RT', priority: 2 }, 'realtime: prio 2\n'],
    [{ class: 'IOPRIO_CLASS_IDLE', priority: 0 }, 'idle\n'],
  ];

  it('have the I/O priority of the configuration', async (box) => {
    for (const [ioPriority, expected] of classes) {
      const output = await box.inside('busybox ionice -p 1', inProcess('ioPriority', ioPriority));
      expect([ioPriority, output]).toEqual([ioPriority, expect.stringContaining(expected.trim())]);
    }
  });

  it('have the execution domain of the configuration', async (box) => {
    const show = 'cat /proc/self/personality; uname -m';
    const machine = spawnSync('uname', ['-m'], { encoding: 'utf8' }).stdout;
    const other = inLinux('personality', { domain: 'LINUX32' });
    expect(await box.inside(show, other)).toMatch(/^00000008\n(i686|armv8l)\n$/);
    const usual = inLinux('personality', { domain: 'LINUX', flags: [] });
    expect(await box.inside(show, usual)).toBe(`00000000\n${machine}`);
  });

  const memory: readonly (readonly [memoryPolicy: object, expected: string])[] = [
    [{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] }, 'bind=static:0'],
    [{ mode: 'MPOL_INTERLEAVE', nodes: '0' }, 'interleave:0'],
    [{ mode: 'MPOL_PREFERRED', nodes: '0' }, 'prefer:0'],
    [{ mode: 'MPOL_PREFERRED_MANY', nodes: '0' }, 'prefer (many):0'],
    [{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_RELATIVE_NODES'] }, 'bind=relative:0'],
    [{ mode: 'MPOL_LOCAL' }, 'local'],
    [{ mode: 'MPOL_DEFAULT' }, 'default'],
  ];

  if (textOf('/proc/self/numa_maps') !== '')
    it('have the memory policy of the configuration', async (box) => {
      for (const [memoryPolicy, expected] of engine.quick ? memory : memory.slice(0, 2)) {
        const output = await box.inside(
          'head -n1 /proc/self/numa_maps',
          inLinux('memoryPolicy', memoryPolicy),
        );
        expect([memoryPolicy, output]).toEqual([
          memoryPolicy,
          expect.stringContaining(` ${expected} `),
        ]);
      }
    });

  it('are refused where the kernel refuses them, by the place in the configuration', async (box) => {
    for (const [what, change, words] of refusals) {
      if (what.includes('memory') && textOf('/proc/self/numa_maps') === '') continue;
      expect([what, await box.refusal(change)]).toEqual([what, expect.stringMatching(words)]);
    }
  });

  it('keep the CPUs of processes to come, and do not give them to init', async (box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '1000'];
      config.process.execCPUAffinity = { initial: '0', final: '0' };
    });
    const pid = await container.created();
    const list = (status: string) => /^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1];
    expect(list(textOf(`/proc/${pid}/status`))).toBe(list(textOf('/proc/1/status')));
    if (!engine.ours) return;
    const [, rest = ''] = readFileSync(join(container.state, 'state.json'), 'utf8').split('\n');
    expect(JSON.parse(rest).execCpuAffinity).toEqual({ initial: '0', final: '0' });
  });

  it('are refused CPUs that are no list', async (box) => {
    const refusal = await box.refusal(inProcess('execCPUAffinity', { final: '3-1' }));
    expect(refusal).toContain('/process/execCPUAffinity/final');
  });
});

suite(
  'a caller that is bound to one CPU',
  ({ it }) => {
    it('does not bind the container', async (box) => {
      const show = 'grep Cpus_allowed_list /proc/self/status';
      const own = /^Cpus_allowed_list.*\n/m.exec(textOf('/proc/1/status'))?.[0];
      expect(await box.inside(show)).toBe(own);
    });
  },
  engines.map((engine) => ({ ...engine, command: ['taskset', '1', ...engine.command] })),
);
