/** Values that a runtime has to refuse, or must not: it takes them for others. */

import { existsSync, readFileSync } from 'node:fs';
import type { Config, Namespace } from '../../lib/config.js';
import { cgroupV2 } from '../../runner/host.js';
import { changed, configured, filtered, ignored, on } from '../how.js';
import type { Row } from '../mutation.js';

/** The last of those that have the same name. */
const distinct = <T>(list: readonly T[], nameOf: (value: T) => unknown): T[] => [
  ...new Map(list.map((each) => [nameOf(each), each])).values(),
];

const absolute = (path: unknown): unknown =>
  typeof path === 'string' && path !== '' ? path.replace(/^(?=[^/])/, '/') : path;

const invalid = 'valid-values values';

const isText = (value: unknown): value is string => typeof value === 'string';

const known = [
  ...['ociVersion', 'process', 'root', 'hostname', 'domainname', 'mounts', 'hooks', 'linux'],
  ...['annotations', 'vm', 'windows', 'solaris', 'zos', 'freebsd'],
];

/** Fails where the true program would not. */
const refusing = (isWrong: (config: Config) => boolean) =>
  on('create', async (call) => {
    try {
      if (!isWrong(JSON.parse(readFileSync(call.configFile, 'utf8')))) return call.pass();
    } catch {
      return call.pass();
    }
    call.note('broken');
    process.stderr.write('this value is not supported\n');
    return 1;
  });

export const values: readonly Row[] = [
  [
    'double-namespaces',
    'takes namespaces that are there twice',
    'config-linux/namespaces/7 namespace',
    changed<Namespace[]>('linux.namespaces', (list) => distinct(list, ({ type }) => type)),
  ],
  [
    'double-rlimits',
    'takes resource limits that are there twice',
    'config/posix-process rlimit',
    changed<{ type: string }[]>('process.rlimits', (list) => distinct(list, ({ type }) => type)),
  ],
  [
    'unknown-rlimit',
    'ignores resource limits that it does not know',
    'config/posix-process rlimit',
    filtered<{ type: string }>('process.rlimits', ({ type }) =>
      /^RLIMIT_(AS|CORE|CPU|DATA|FSIZE|LOCKS|MEMLOCK|MSGQUEUE|NICE|NOFILE|NPROC|RSS|RTPRIO|RTTIME|SIGPENDING|STACK)$/.test(
        type,
      ),
    ),
  ],
  [
    'relative-cwd',
    'takes a relative working directory',
    `cwd config/process ${invalid}`,
    changed('process.cwd', absolute),
  ],
  [
    'empty-cwd',
    'takes an empty working directory for /',
    `cwd config/process ${invalid}`,
    changed('process.cwd', (path) => (path === '' ? '/' : path)),
  ],
  [
    'cut-arguments',
    'cuts arguments at their first NUL',
    `valid-values/args-nul ${invalid}`,
    changed<unknown[]>('process.args', (args) =>
      Array.isArray(args)
        ? args.map((word) => (isText(word) ? word.replace(/\0.*/s, '') : word))
        : args,
    ),
  ],
  [
    'no-args',
    'runs something when there is no command',
    `args config/posix-process ${invalid}`,
    changed<string[]>('process.args', (args) => (args.length === 0 ? ['/probe'] : args)),
  ],
  [
    'relative-hook',
    'ignores hooks with a relative path',
    'posix-platform-hooks hooks',
    filtered<{ path: string }>('hooks[]', ({ path }) => isText(path) && path.startsWith('/')),
  ],
  [
    'zero-hook-timeout',
    'takes a time limit of nothing for none',
    'posix-platform-hooks hooks',
    changed<number>('hooks[][].timeout', (seconds) => (seconds <= 0 ? undefined : seconds)),
  ],
  [
    'any-version',
    'takes any version of the specification',
    'specification-version version',
    configured((config) => {
      config.ociVersion = '1.0.2';
    }),
  ],
  [
    'later-version',
    'takes a later major version of the specification',
    'specification-version version',
    changed('ociVersion', (version) => (version === '99.0.0' ? '1.0.2' : version)),
  ],
  [
    'made-root',
    'takes a root that does not exist',
    'config/root',
    configured(({ root }) => {
      if (root && root.path !== 'rootfs') root.path = 'rootfs';
    }),
  ],
  [
    'namespace-of-another-type',
    'makes a namespace when the one to join has another type',
    'config-linux/namespaces/4',
    changed<Namespace[]>('linux.namespaces', (list) =>
      list.map(({ type, path }) =>
        path?.endsWith(
          `/ns/${({ network: 'net', mount: 'mnt' } as Record<string, string>)[type] ?? type}`,
        )
          ? { type, path }
          : { type },
      ),
    ),
  ],
  [
    'relative-masked-path',
    'takes relative paths to mask',
    'config-linux/masked-paths',
    changed<unknown[]>('linux.maskedPaths', (paths) => paths.map(absolute)),
  ],
  [
    'relative-readonly-path',
    'takes relative paths to make read-only',
    'config-linux/readonly-paths',
    changed<unknown[]>('linux.readonlyPaths', (paths) => paths.map(absolute)),
  ],
  [
    'empty-annotation',
    'drops annotations without a name',
    'config/annotations annotation',
    ignored('annotations.'),
  ],
  [
    'annotation-of-a-number',
    'makes text of annotations that are none',
    'config/annotations annotation',
    changed('annotations[]', String),
  ],
  [
    'annotation-of-null',
    'takes an annotation of null for an empty one',
    'config/annotations annotation',
    changed('annotations[]', (value) => value ?? ''),
  ],
  [
    'seccomp-without-names',
    'drops rules of the filter that name no system call',
    'config-linux/seccomp seccomp',
    filtered<{ names: unknown[] }>('linux.seccomp.syscalls', ({ names }) => names.length > 0),
  ],
  [
    'seccomp-errno-of-kill',
    'ignores an error that an action cannot have',
    'config-linux/seccomp/1 seccomp',
    changed<{ action: string; errnoRet?: number }[]>('linux.seccomp.syscalls', (rules) =>
      rules.map(({ errnoRet, ...rule }) =>
        errnoRet !== undefined && /ERRNO|TRACE/.test(rule.action) ? { ...rule, errnoRet } : rule,
      ),
    ),
  ],
  [
    'listener-metadata-alone',
    'ignores metadata for a listener that there is not',
    'config-linux/seccomp/6 seccomp',
    changed<Record<string, unknown>>('linux.seccomp', ({ listenerMetadata, ...filter }) =>
      filter.listenerPath !== undefined && listenerMetadata !== undefined
        ? { ...filter, listenerMetadata }
        : filter,
    ),
  ],
  [
    'unknown-sysctl',
    'ignores kernel parameters that there are not',
    'sysctl',
    changed<Record<string, string>>('linux.sysctl', (all) =>
      Object.fromEntries(
        Object.entries(all).filter(([name]) =>
          existsSync(`/proc/sys/${name.replaceAll('.', '/')}`),
        ),
      ),
    ),
  ],
  [
    'wrong-propagation',
    'ignores a propagation that there is not',
    `propagation ${invalid}`,
    changed('linux.rootfsPropagation', (word) =>
      isText(word) && /^r?(shared|slave|private|unbindable)$/.test(word) ? word : undefined,
    ),
  ],
  [
    'unified-unknown-controller',
    'ignores files of controllers that there are not',
    'config-linux/unified',
    changed<Record<string, string>>('linux.resources.unified', (all) =>
      Object.fromEntries(
        Object.entries(all).filter(([name]) =>
          /^(cpu|cpuset|io|memory|pids|hugetlb|rdma|misc)\./.test(name),
        ),
      ),
    ),
    cgroupV2,
  ],
  [
    'no-unknown-property',
    'refuses properties that it does not know',
    'config/extensibility',
    refusing((config) => Object.keys(config).some((name) => !known.includes(name))),
  ],
  [
    'no-unknown-property-of-hooks',
    'refuses properties of hooks that it does not know',
    'config/extensibility',
    refusing(({ hooks = {} }) => /"conformanceUnknown/.test(JSON.stringify(hooks))),
  ],
  [
    'no-size-without-terminal',
    'refuses a large size of a terminal that there is not',
    'config/process/1 terminal',
    refusing(({ process: { terminal, consoleSize } }) => {
      const { height = 0 } = (consoleSize ?? {}) as { height?: number };
      return !terminal && height > 65_535;
    }),
  ],
  [
    'no-unknown-annotation',
    'refuses annotations that it does not know',
    'config/annotations/24 annotation',
    refusing(({ annotations = {} }) => Object.keys(annotations).length > 0),
  ],
  [
    'no-relative-destination',
    'refuses mounts whose destination is relative',
    'config/mounts/3',
    refusing(({ mounts = [] }) => mounts.some(({ destination }) => !destination.startsWith('/'))),
  ],
  [
    'no-zero-pids',
    'refuses a limit of no process',
    'config-linux/pids/1 pids',
    refusing(({ linux }) => (linux.resources?.pids as { limit?: number })?.limit === 0),
  ],
];
