import { clausesOf } from './clause.js';

export const logging = clausesOf('logging', {
  Formats: {
    text: [
      'MUST',
      'A record of text is one line of time, level and msg, with the message quoted and the time in RFC 3339.',
    ],
    time: ['MUST', 'The time of a record is that at which it was written.'],
    quoting: [
      'MUST',
      'Quotes and newlines in a message of text are escaped, so that the record stays one line.',
    ],
    json: [
      'MUST',
      'A record of JSON is one object on one line with level, msg and time, which is in RFC 3339.',
    ],
    'json-order': ['SHOULD', 'The keys of a record of JSON are in alphabetical order.'],
    callers: [
      'SHOULD',
      'With --debug a record names the function and the file that it comes from.',
    ],
    levels: [
      'MUST',
      'The levels of records are debug, info, warning and error; a failure’s is error.',
    ],
  },
  'Where it goes': {
    stderr: [
      'MUST',
      'Without --log the one record of a failure goes to the standard error, and nothing else.',
    ],
    file: [
      'MUST',
      'With --log a failure is recorded in the file and said on the standard error as plain text.',
    ],
    appended: ['MUST', 'A log file is made if there is none, and appended to if there is one.'],
    'relative-file': [
      'MUST',
      'A relative log file is relative to the working directory of the caller, not to the bundle.',
    ],
    prefixes: [
      'SHOULD',
      'What create, run and exec could not do starts with the program’s name and the command, or with exec alone, and goes on with runc’s words for what has failed.',
    ],
    last: ['MUST', 'The last record of level error in the log tells why the command has failed.'],
    single: [
      'SHOULD',
      'A command that fails for one reason writes one record, if it is not asked for more.',
    ],
    'quiet-log': [
      'SHOULD',
      'Commands that succeed write no record, if they are not asked for more: Podman reads the log as one object.',
    ],
    usage: ['MUST', 'A wrong command line is recorded in the log as any failure.'],
    stdout: ['MUST', 'The standard output carries the product of the command and nothing else.'],
    silent: ['MUST', 'A command that succeeds says nothing on the standard error.'],
    unopened: ['MUST', 'A log file that cannot be opened fails the command.'],
  },
  'Words of failures': {
    memory: [
      'SHOULD',
      'A container whose process is killed for want of memory before it is ready is told of as OOM-killed.',
    ],
    seccomp: [
      'SHOULD',
      'A seccomp agent who is not there is told of as one with whom it failed to connect.',
    ],
  },
  'Exit codes': {
    success: ['MUST', 'A command that has done what it should ends with 0.'],
    failure: ['MUST', 'A command that the runtime cannot do ends with 1.'],
    'exec-failure': ['MUST', 'exec ends with 255 if the runtime could not run the command.'],
    'exec-code': [
      'MUST',
      'exec in the foreground ends with the exit code of the command, and with 128 and the signal’s number after one.',
    ],
    'run-code': [
      'MUST',
      'run in the foreground ends with the exit code of the container, and with 128 and the signal’s number after one.',
    ],
    'run-failure': ['MUST', 'run ends with 1 if the runtime could not run the container.'],
    'late-failure': [
      'SHOULD',
      'A program that the kernel refuses after the release ends the container with 255; the release itself has succeeded.',
    ],
  },
});
