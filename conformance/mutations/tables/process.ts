/** What the container's process is. */
import type { CapabilitySet, Process } from '../../lib/config.js';
import { manyIds, root } from '../../runner/host.js';
import { changed, configured, filtered, ignored } from '../how.js';
import type { Row } from '../mutation.js';

/** The first one of a set is lost; effective is never more than permitted. */
const without = (...sets: readonly CapabilitySet[]) =>
  configured(({ process: { capabilities } }) => {
    const lost = capabilities?.[sets[0] as CapabilitySet]?.[0];
    for (const set of sets) {
      const names = capabilities?.[set];
      if (capabilities && names) capabilities[set] = names.filter((name) => name !== lost);
    }
  });

const more = ['bounding', 'effective', 'permitted'] as const;

const withMore = configured(({ process: { capabilities } }) => {
  for (const set of more) capabilities?.[set]?.push('CAP_SYS_BOOT');
});

export const process: readonly Row[] = [
  [
    'wrong-uid',
    'runs every process as user 0',
    'user process',
    changed('process.user.uid', () => 0),
  ],
  [
    'wrong-gid',
    'runs every process as group 0',
    'user process',
    changed('process.user.gid', () => 0),
  ],
  ['no-umask', 'ignores the umask', 'umask user process', ignored('process.user.umask')],
  [
    'no-additional-gids',
    'ignores additional groups',
    'gids groups user process',
    ignored('process.user.additionalGids'),
    manyIds,
  ],
  ['no-cwd', 'starts every process in /', 'cwd process', changed('process.cwd', () => '/')],
  [
    'fewer-env',
    'loses the last variable of the environment',
    'env process',
    changed<string[]>('process.env', (env) => env.slice(0, -1)),
  ],
  [
    'more-env',
    'adds a variable to the environment',
    'env process',
    changed<string[]>('process.env', (env) => [...env, 'MUTANT=1']),
  ],
  [
    'more-args',
    'adds an argument to the command',
    'args process',
    changed<string[]>('process.args', (args) => [...args, 'sleep', '0']),
  ],
  ['no-rlimits', 'ignores resource limits', 'rlimit process', ignored('process.rlimits')],
  [
    'no-soft-rlimits',
    'raises every soft limit to the hard one',
    'rlimit process',
    changed<Process['rlimits']>('process.rlimits', (limits) =>
      limits?.map((limit) => ({ ...limit, soft: limit.hard })),
    ),
  ],
  [
    'no-oom-score',
    'ignores the OOM score adjustment',
    'oom process',
    ignored('process.oomScoreAdj'),
  ],
  [
    'zero-oom-score',
    'takes an OOM score adjustment of 0 for none',
    'oom process',
    changed<number>('process.oomScoreAdj', (score) => (score === 0 ? undefined : score)),
  ],
  [
    'no-new-privileges-off',
    'lets every process gain privileges',
    'new-priv process',
    changed('process.noNewPrivileges', () => false),
  ],
  [
    'no-new-privileges-on',
    'lets no process gain privileges',
    'new-priv process',
    configured((config) => {
      if (config.process) config.process.noNewPrivileges = true;
    }),
  ],
  [
    'no-bounding-capability',
    'loses a bounding capability',
    'capabilit process',
    without('bounding'),
  ],
  // Not the effective set alone: execve makes it anew of the permitted or of the ambient one.
  [
    'no-permitted-capability',
    'loses a permitted capability',
    'capabilit process',
    without('permitted', 'effective', 'ambient'),
  ],
  [
    'no-inheritable-capability',
    'loses an inheritable capability',
    'capabilit process',
    without('inheritable', 'ambient'),
  ],
  ['no-ambient-capability', 'loses an ambient capability', 'capabilit process', without('ambient')],
  [
    'silent-ambient-capability',
    'says nothing of an ambient capability that is not inheritable',
    'capabilities/ambient capabilit',
    configured(({ process: { capabilities } }) => {
      if (!capabilities?.ambient) return;
      const { ambient, inheritable = [] } = capabilities;
      capabilities.ambient = ambient.filter((name) => inheritable.includes(name));
    }),
  ],
  ['more-capabilities', 'gives a capability that nobody asked for', 'capabilit process', withMore],
  [
    'no-scheduler',
    'ignores the scheduling policy',
    'scheduler process',
    ignored('process.scheduler'),
  ],
  [
    'no-io-priority',
    'ignores the priority of input and output',
    'io-priority iopriority process',
    changed<{ priority?: number }>('process.ioPriority', (all) =>
      (all.priority ?? 0) > 7 ? all : undefined,
    ),
    root,
  ],
  ['no-personality', 'ignores the personality', 'personality linux/', ignored('linux.personality')],
  [
    'no-terminal-size',
    'ignores the size of the terminal',
    'console terminal process',
    ignored('process.consoleSize'),
  ],
  [
    'no-last-groups',
    'gives the first additional group only',
    'gids groups user process',
    changed<number[]>('process.user.additionalGids', (gids) => gids.slice(0, 1)),
    manyIds,
  ],
  ['no-hostname', 'ignores the host name', 'hostname', ignored('hostname')],
  ['no-domainname', 'ignores the domain name', 'domainname hostname', ignored('domainname')],
  [
    'no-empty-args',
    'drops arguments that are empty',
    'args process',
    filtered<string>('process.args', (word) => word !== ''),
  ],
];
