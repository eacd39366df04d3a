/** Options as data: the parser, the help, the manual page and the completion all read them. */
import type { ArgumentRow, OptionKind, OptionRow } from './command.js';

type Row<N extends string, K extends OptionKind> = OptionRow & {
  readonly name: N;
  readonly kind: K;
};
type More = Partial<Pick<OptionRow, 'alias' | 'choices' | 'fallback'>>;

export const flag = <const N extends string>(
  name: N,
  summary: string,
  more: More = {},
): Row<N, 'flag'> => ({ name, kind: 'flag', summary, ...more });

export const text = <const N extends string>(
  name: N,
  value: string,
  summary: string,
  more: More = {},
): Row<N, 'text'> => ({ name, kind: 'text', value, summary, ...more });

export const count = <const N extends string>(
  name: N,
  value: string,
  summary: string,
  more: More = {},
): Row<N, 'count'> => ({ name, kind: 'count', value, summary, ...more });

export const list = <const N extends string>(
  name: N,
  value: string,
  summary: string,
  more: More = {},
): Row<N, 'list'> => ({ name, kind: 'list', value, summary, ...more });

export const containerId = {
  name: 'id',
  shown: 'container-id',
} as const satisfies ArgumentRow;

/** One that does not exist yet. */
export const newContainerId = {
  name: 'id',
  shown: 'new-container-id',
} as const satisfies ArgumentRow;

export const bundle = text('bundle', 'DIR', 'Directory of the bundle', {
  alias: 'b',
  fallback: 'the working directory',
});

/** What `create` and `run` have in common. */
export const creating = [
  bundle,
  text('console-socket', 'PATH', 'Socket that receives the terminal'),
  text('pidfd-socket', 'PATH', 'Socket that receives a pidfd of the process'),
  text('pid-file', 'PATH', 'File to write the process id to'),
  flag('no-pivot', 'Change the root without pivot_root(2): for an initramfs'),
  flag('no-new-keyring', 'Keep the session keyring of the caller'),
  count('preserve-fds', 'N', 'Pass N more file descriptors, from 3 on', { fallback: '0' }),
] as const;

export const globalOptions = [
  text('root', 'DIR', 'Directory for the state of containers', {
    fallback: '/run/runts, or $XDG_RUNTIME_DIR/runts',
  }),
  text('log', 'PATH', 'File to append log records to', { fallback: 'the standard error' }),
  text('log-format', 'FORMAT', 'Format of log records', {
    choices: ['text', 'json'],
    fallback: 'text',
  }),
  text('log-level', 'LEVEL', 'Least severe record that is written', {
    choices: ['error', 'warning', 'info', 'debug'],
    fallback: 'warning; with --log, error',
  }),
  flag('debug', 'Write debug records too, one for every system call'),
  flag('systemd-cgroup', 'Let systemd make the cgroups, as --cgroup-manager systemd'),
  text('cgroup-manager', 'MANAGER', 'Who makes the cgroups', {
    choices: ['cgroupfs', 'systemd', 'disabled'],
    fallback: 'cgroupfs',
  }),
  text('rootless', 'WHEN', 'Tolerate cgroups that may not be changed', {
    choices: ['true', 'false', 'auto'],
    fallback: 'auto',
  }),
  text('resctrl', 'DIR', 'Directory where resctrl is', {
    fallback: '/sys/fs/resctrl, or where else it is mounted',
  }),
  flag('help', 'Show help', { alias: 'h' }),
  flag('version', 'Show the version', { alias: 'v' }),
] as const;
