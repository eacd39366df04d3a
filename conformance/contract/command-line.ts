import { clausesOf } from './clause.js';

export const commandLine = clausesOf('command-line', {
  'Argument parsing': {
    'two-dashes': [
      'MUST',
      'A long option is taken with two dashes, its value as the next word or after an equals sign.',
    ],
    'one-dash': ['MUST', 'A long option with one dash is the same as with two.'],
    short: [
      'MUST',
      'An option of one letter takes its value as the next word or after an equals sign.',
    ],
    booleans: [
      'MUST',
      'A switch stands alone, or says true or false after an equals sign in any of the usual spellings; a word after it is not its value.',
    ],
    'bad-values': [
      'MUST',
      'A value of another kind than the option’s is refused, as usage that is incorrect, with exit status 1.',
    ],
    mixed: ['MUST', 'Options and arguments may be mixed in any order, but for exec, kill and ps.'],
    stops: [
      'MUST',
      'For exec, kill and ps the options end at the container’s id: what follows belongs to the command, the signal or ps.',
    ],
    'double-dash': ['MUST', 'Two dashes alone end the options.'],
    'lone-dash': ['MUST', 'A dash alone is a value or an argument, not an option.'],
    repeated: [
      'MUST',
      'An option that may be repeated adds one element each time, which no comma divides.',
    ],
    'after-command': ['SHOULD', 'Global options are taken after the command too.'],
  },
  'Wrong command lines': {
    'no-value': [
      'MUST',
      'An option that lacks its value is refused, as usage that is incorrect, with exit status 1.',
    ],
    unknown: [
      'MUST',
      'An option that does not exist is refused by its name, as usage that is incorrect, with exit status 1.',
    ],
    counts: [
      'MUST',
      'A wrong number of arguments is refused with exit status 1 and a text that names the command and the right number.',
    ],
    'exec-usage': [
      'MUST',
      'A wrong command line of exec ends with 1, as that of every command, and not with 255.',
    ],
    command: [
      'MUST',
      'A command that does not exist is refused by its name with exit status 3 and nothing on the standard output.',
    ],
    'empty-id': ['MUST', 'An empty id is refused as one.'],
  },
  Help: {
    'no-command': [
      'MUST',
      'Without a command the help goes to the standard output, with exit status 0.',
    ],
    help: [
      'MUST',
      'The help of the program and of every command goes to the standard output, with exit status 0.',
    ],
    'lists-commands': [
      'MUST',
      'The help of the program starts with NAME: and has a line for each command.',
    ],
    'names-command': [
      'MUST',
      'The help of a command starts with NAME: and a line of the program’s name, the command and a dash.',
    ],
  },
  'Global options': {
    root: [
      'MUST',
      'The state of containers is kept in the directory that --root names, which is made absolute.',
    ],
    'root-of-all': ['MUST', 'The root directory is refused as the place of the state.'],
    'default-root': ['MUST', 'Without --root there is a place for the state that root can use.'],
    'rootless-root': [
      'MUST',
      'Without --root the state of a user without privileges is below XDG_RUNTIME_DIR, in a directory for this user alone, with the sticky bit.',
    ],
    'root-of-root': [
      'MUST',
      'Without --root the state of root is not below XDG_RUNTIME_DIR, so that everybody who is root finds it.',
    ],
    'root-of-namespace': [
      'MUST',
      'Root of a user namespace is a user without privileges here, if USER does not say root.',
    ],
    'no-runtime-dir': [
      'MUST',
      'A user without privileges and without XDG_RUNTIME_DIR can do all that needs no state, and all with --root.',
    ],
    'log-format': [
      'MUST',
      'Another format of the log than text and json is refused with exit status 1.',
    ],
    debug: ['MUST', '--debug makes the log say more than failures.'],
    'systemd-cgroup': [
      'MUST',
      '--systemd-cgroup puts the container into a scope that systemd manages, which the path of the configuration names by slice, prefix and name.',
    ],
    'cgroup-manager': [
      'SHOULD',
      '--cgroup-manager disabled, which Podman passes, makes no cgroup.',
    ],
    'rootless-strict': [
      'MUST',
      '--rootless=false forgives nobody who may not make a cgroup, and auto forgives a user without privileges.',
    ],
    rootless: ['MUST', '--rootless takes true, false and auto, and refuses other values.'],
    version: [
      'MUST',
      '--version and -v print the name with the word version and three numbers, then lines for the commit and the version of the specification.',
    ],
    environment: ['MUST', 'Nothing of the runtime’s own environment reaches the container.'],
  },
});
