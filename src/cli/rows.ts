/** The commands as data, in the order of the help. What they do is in commands/. */
import type { CommandRow } from './command.js';
import {
  bundle,
  containerId,
  count,
  creating,
  flag,
  list,
  newContainerId,
  text,
} from './options.js';

export const programName = 'runts';
export const programSummary = 'runs containers from OCI bundles';

export const rows = {
  create: {
    name: 'create',
    summary: 'Create a container that waits for start',
    arguments: [newContainerId],
    options: creating,
    prefix: `${programName} create failed`,
  },
  start: {
    name: 'start',
    summary: 'Start the process of a created container',
    arguments: [containerId],
    options: [],
  },
  run: {
    name: 'run',
    summary: 'Create a container, start it and wait for its end',
    arguments: [newContainerId],
    options: [
      ...creating,
      flag('detach', 'Return when the process has started', { alias: 'd' }),
      flag('keep', 'Do not delete the container when it has ended'),
      flag('no-subreaper', 'Do not adopt the orphans of the container'),
    ],
    prefix: `${programName} run failed`,
  },
  exec: {
    name: 'exec',
    summary: 'Run one more process in a container',
    arguments: [containerId, { name: 'args', shown: 'command', rest: true }],
    options: [
      text('process', 'FILE', 'Take everything about the process from a JSON file', { alias: 'p' }),
      text('console-socket', 'PATH', 'Socket that receives the terminal'),
      text('pidfd-socket', 'PATH', 'Socket that receives a pidfd of the process'),
      text('pid-file', 'PATH', 'File to write the process id to'),
      flag('detach', 'Return when the process has started', { alias: 'd' }),
      flag('tty', 'Give the process a terminal', { alias: 't' }),
      text('cwd', 'PATH', 'Working directory'),
      list('env', 'NAME=VALUE', 'Set a variable', { alias: 'e' }),
      text('user', 'UID[:GID]', 'User and group, as numbers', { alias: 'u' }),
      list('additional-gids', 'GID', 'Add a group', { alias: 'g' }),
      list('cap', 'NAME', 'Add a capability', { alias: 'c' }),
      text('process-label', 'LABEL', 'SELinux label of the process'),
      text('apparmor', 'PROFILE', 'AppArmor profile of the process'),
      flag('no-new-privs', 'Keep the process from gaining privileges'),
      count('preserve-fds', 'N', 'Pass N more file descriptors, from 3 on', { fallback: '0' }),
      list('cgroup', '[CONTROLLERS:]PATH', 'Run in a cgroup below the container’s'),
      flag('ignore-paused', 'Wait in a paused container until it goes on'),
    ],
    ordered: true,
    prefix: 'exec failed',
    failure: 255,
  },
  state: {
    name: 'state',
    summary: 'Print the state of a container as JSON',
    arguments: [containerId],
    options: [],
  },
  kill: {
    name: 'kill',
    summary: 'Send a signal to the process of a container',
    arguments: [containerId, { name: 'signal', shown: 'signal', fallback: 'SIGTERM' }],
    options: [flag('all', 'Succeed on a stopped container too (obsolete)', { alias: 'a' })],
    ordered: true,
  },
  delete: {
    name: 'delete',
    summary: 'Delete a container that has ended',
    arguments: [containerId],
    options: [flag('force', 'Kill it first; be content when there is none', { alias: 'f' })],
  },
  pause: {
    name: 'pause',
    summary: 'Stop all processes of a container where they are',
    arguments: [containerId],
    options: [],
  },
  resume: {
    name: 'resume',
    summary: 'Let a paused container go on',
    arguments: [containerId],
    options: [],
  },
  list: {
    name: 'list',
    summary: 'List the containers below the root',
    arguments: [],
    options: [
      text('format', 'FORMAT', 'How to print them', {
        alias: 'f',
        choices: ['table', 'json'],
        fallback: 'table',
      }),
      flag('quiet', 'Print ids alone', { alias: 'q' }),
    ],
  },
  ps: {
    name: 'ps',
    summary: 'Show the processes of a container',
    arguments: [containerId, { name: 'options', shown: 'ps-option', rest: true }],
    options: [
      text('format', 'FORMAT', 'How to print them: what ps(1) shows, or the ids alone', {
        alias: 'f',
        choices: ['table', 'json'],
        fallback: 'table',
      }),
    ],
    ordered: true,
  },
  update: {
    name: 'update',
    summary: 'Change the limits of a container',
    arguments: [containerId],
    options: [
      text(
        'resources',
        'PATH',
        'File with linux.resources as JSON, or - for standard input; then no other option counts',
        { alias: 'r' },
      ),
      text('blkio-weight', 'N', 'Weight of block I/O'),
      text('cpu-period', 'N', 'Period of the CPU quota, in microseconds'),
      text('cpu-quota', 'N', 'CPU time in each period, in microseconds; -1 for no limit'),
      text('cpu-burst', 'N', 'CPU time that may be saved up, in microseconds'),
      text('cpu-share', 'N', 'Share of the CPUs when they are busy'),
      text('cpu-rt-period', 'N', 'Period of real-time CPU time, in microseconds'),
      text('cpu-rt-runtime', 'N', 'Real-time CPU time in each period, in microseconds'),
      text('cpu-idle', 'N', '1 to run only when nobody else does, 0 not to'),
      text('cpuset-cpus', 'LIST', 'CPUs to run on'),
      text('cpuset-mems', 'LIST', 'Memory nodes to use'),
      text('memory', 'SIZE', 'Limit of memory: bytes, or with k, m or g; -1 for none'),
      text('memory-reservation', 'SIZE', 'Memory that is kept when memory is short'),
      text('memory-swap', 'SIZE', 'Limit of memory and swap together; -1 for none'),
      text('pids-limit', 'N', 'Number of tasks; -1 for no limit'),
      text('l3-cache-schema', 'SCHEMA', 'Part of the L3 cache, for resctrl'),
      text('mem-bw-schema', 'SCHEMA', 'Memory bandwidth, for resctrl'),
      text('kernel-memory', 'SIZE', 'Ignored: Linux no longer has this limit'),
      text('kernel-memory-tcp', 'SIZE', 'Ignored: Linux no longer has this limit'),
    ],
  },
  events: {
    name: 'events',
    summary: 'Tell what a container uses, and when its memory runs out',
    arguments: [containerId],
    options: [
      text('interval', 'DURATION', 'Time between two statistics', { fallback: '5s' }),
      flag('stats', 'Print statistics once and end'),
    ],
  },
  spec: {
    name: 'spec',
    summary: 'Write a new config.json to begin with',
    arguments: [],
    options: [bundle, flag('rootless', 'For a user without privileges')],
    stateless: true,
  },
  features: {
    name: 'features',
    summary: 'Print as JSON what this program can do',
    arguments: [],
    options: [],
    stateless: true,
  },
  help: {
    name: 'help',
    summary: 'Show help, of a command if one is named',
    arguments: [{ name: 'command', shown: 'command', fallback: '' }],
    options: [],
  },
} as const satisfies Record<string, CommandRow>;

export type CommandName = keyof typeof rows;

/** The row of a command; undefined for a word that is none. */
export function findCommand(word: string): CommandRow | undefined {
  return Object.hasOwn(rows, word) ? rows[word as CommandName] : undefined;
}
