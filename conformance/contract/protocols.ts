import { clausesOf } from './clause.js';

export const protocols = clausesOf('protocols', {
  'Pid files': {
    'pid-file': [
      'MUST',
      'The pid file holds the pid as the caller sees it in decimal digits, without a newline.',
    ],
    'pid-file-time': [
      'MUST',
      'The pid file is there when create or run --detach ends with 0, and not after a failure.',
    ],
    'pid-file-whole': [
      'MUST',
      'Nobody ever reads half a pid file: it is renamed into its place, over one that is there.',
    ],
    'pid-file-mode': [
      'SHOULD',
      'The pid file can be read by whom the umask allows, and nothing lies beside it.',
    ],
  },
  'Console sockets': {
    'console-message': [
      'MUST',
      'The socket gets one message with one descriptor and the name of the terminal, then its end.',
    ],
    'console-terminal': [
      'MUST',
      'The descriptor is the other end of the terminal, on which the three streams of the container are and which it can open as /dev/console.',
    ],
    'console-size': ['MUST', 'The terminal has the size of the configuration.'],
    'console-exec': ['MUST', 'exec with --tty does the same for its process.'],
    'console-owner': ['MUST', 'The terminal belongs to the user of the process.'],
    'console-inside': [
      'MUST',
      'The terminal is one of the container’s own devpts, where it has a name.',
    ],
    'console-refused': [
      'MUST',
      'A terminal without a socket, and a socket without a terminal, is refused where nobody holds the other end.',
    ],
    'console-missing': ['MUST', 'A socket at which nobody listens fails the command.'],
    'console-resized': [
      'MUST',
      'In the foreground the container’s terminal changes its size with that of the caller.',
    ],
    'console-foreground': [
      'MUST',
      'In the foreground the terminal of the caller is passed to the container’s, with its size, and behaves as before afterwards.',
    ],
  },
  'Pidfd sockets': {
    'pidfd-create': [
      'SHOULD',
      '--pidfd-socket gets a pidfd of the container’s process with the word standard.',
    ],
    'pidfd-exec': ['SHOULD', 'For exec the pidfd is of its process, with the word setns.'],
  },
  Descriptors: {
    'standard-streams': [
      'MUST',
      'Without a terminal the container has the very descriptors 0, 1 and 2 of create.',
    ],
    'no-others': [
      'MUST',
      'No other descriptor of the runtime or its caller reaches a process of the container.',
    ],
    closed: ['MUST', 'create works when its standard streams are closed.'],
    preserved: ['MUST', '--preserve-fds passes that many descriptors on, from 3.'],
    'preserved-missing': [
      'MUST',
      'A descriptor to be passed on that is not open fails the command.',
    ],
    'preserved-words': [
      'SHOULD',
      'What is missing of the descriptors to be passed on is told of in runc’s words.',
    ],
    'listen-fds': [
      'MUST',
      'Descriptors of a service manager are passed on from 3 with LISTEN_FDS and LISTEN_PID=1, before those that are preserved.',
    ],
    'listen-pid': ['MUST', 'Descriptors that were meant for another process are not passed on.'],
  },
  'Parents and children': {
    adopted: [
      'MUST',
      'The container’s process is adopted by the caller’s subreaper, which hears of its end, and nothing else of the runtime is left behind.',
    ],
    'adopted-exec': ['MUST', 'So is a process of exec --detach.'],
  },
  'Service managers': {
    notify: [
      'MUST',
      'With NOTIFY_SOCKET the container has a socket of its own; when it says that it is ready the manager hears READY=1 and then the pid to watch.',
    ],
    'notify-barrier': ['SHOULD', 'After that the manager gets a barrier with a descriptor.'],
    'notify-mount': [
      'SHOULD',
      'The container’s socket is mounted read-only, without devices, programs and set-uid.',
    ],
    'notify-user': ['MUST', 'Whoever the container’s process is, it may write to the socket.'],
    'notify-never': [
      'MUST',
      'A container that ends without having said that it is ready does not keep anybody waiting.',
    ],
    'notify-none': ['MUST', 'Without NOTIFY_SOCKET the container has no such variable.'],
  },
  Hooks: {
    'hook-state': [
      'MUST',
      'A hook gets the state as one JSON document to the end of its input: compact, with id, pid, bundle and status, without rootfs.',
    ],
    'hook-output': ['MUST', 'What a hook writes does not reach the output of the runtime.'],
    'hook-environment': ['MUST', 'A hook with an environment has that one alone.'],
    'hook-inherits': [
      'SHOULD',
      'A hook in the runtime’s namespaces without an environment of its own has that of the runtime.',
    ],
    'hook-directory': ['SHOULD', 'Hooks in the runtime’s namespaces run in the bundle.'],
    'hook-words': [
      'SHOULD',
      'The error names the kind of the hook and its number, and holds what it has written.',
    ],
    'hook-failure': ['MUST', 'A hook that fails is told of in the error with how it ended.'],
    'hook-calls-early': [
      'MUST',
      'A hook that calls the runtime before create has ended is told at once that its container does not exist.',
    ],
    'hook-deletes': [
      'SHOULD',
      'delete --force by a hook of create succeeds, and create fails and leaves nothing.',
    ],
    'hook-calls-late': [
      'MUST',
      'A poststart hook can pause, resume, update and delete its container.',
    ],
  },
  'Texts that callers look for': {
    'does-not-exist': [
      'MUST',
      'What is done to a container that there is not fails with `does not exist`.',
    ],
    'not-running': [
      'MUST',
      'kill of a container that has stopped fails with `container not running`.',
    ],
    'not-found': [
      'MUST',
      'A program that is not in PATH is `executable file not found in $PATH`, and one that is missing at its path is `no such file or directory`.',
    ],
    'not-executable': [
      'MUST',
      'A directory in place of a program is told of as one or as `permission denied`, and a file that may not be executed as `permission denied`.',
    ],
    'already-exists': ['MUST', 'An id that is in use is refused with `already exists`.'],
    'not-stopped': [
      'MUST',
      'delete of a container that runs says that it is not stopped, and what it is.',
    ],
    starts: ['SHOULD', 'What cannot be started is told of in runc’s words.'],
    execs: ['SHOULD', 'Where exec is refused it says so in runc’s words.'],
    pauses: [
      'SHOULD',
      'What cannot be paused is not running, and what cannot be resumed is not paused.',
    ],
    ordinary: [
      'MUST',
      'No text about something else holds words that callers take for a missing or a forbidden program.',
    ],
  },
});
