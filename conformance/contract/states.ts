import { clausesOf } from './clause.js';

export const states = clausesOf('states', {
  'Ids and directories': {
    'good-ids': ['MUST', 'An id is made of letters, digits and _ + - . and may be long.'],
    'bad-ids': [
      'MUST',
      'An id of other characters, and one or two dots alone, are refused by create as an id of a wrong format, and nothing is made.',
    ],
    'no-paths': [
      'MUST',
      'No command takes an id for a path: what lies beside the place of the state is left alone.',
    ],
    'any-word': [
      'MUST',
      'A container may be called like a command or a dash, and is managed as any other.',
    ],
    taken: [
      'MUST',
      'An id that is in use is refused, and the container that has it is not harmed.',
    ],
    leftover: [
      'MUST',
      'A directory of the id without a state is no container for any command, but the id is taken until delete removes it.',
    ],
    private: [
      'MUST',
      'Nobody but the owner can read what is kept of a container, or list the containers.',
    ],
    'bundle-once': [
      'MUST',
      'What was read from the bundle by create holds: later changes of it matter to no later command.',
    ],
    'bundle-exec': [
      'SHOULD',
      'exec without --process is the exception: it takes the process that the bundle’s configuration has now.',
    ],
    'per-root': ['MUST', 'An id may be in use once for each place of the state.'],
    recycled: [
      'MUST',
      'A process that has the pid of a container’s process by chance is not taken for it.',
      'The kernel gives out no pid that a test could ask for, and what a runtime has recorded is its own matter.',
    ],
  },
  Status: {
    created: ['MUST', 'A container that waits for its start is created.'],
    running: ['MUST', 'A container whose process runs is running.'],
    stopped: [
      'MUST',
      'A container whose process has ended is stopped, however it ended, also before its start, and as soon as it has.',
    ],
    zombie: [
      'MUST',
      'A process that has ended and was not reaped yet has ended: the container is stopped.',
    ],
    paused: ['MUST', 'A container that is frozen is paused.'],
    'paused-created': ['SHOULD', 'A container that is frozen before its start is paused too.'],
    'no-others': ['MUST', 'No other status is ever shown to callers.'],
  },
  'What state prints': {
    missing: ['MUST', 'The state of a container that there is not is an error: `does not exist`.'],
    keys: [
      'MUST',
      'The state is an object of ociVersion, id, pid, status, bundle, rootfs and created, with annotations if there are any.',
    ],
    layout: [
      'SHOULD',
      'The state is indented by two blanks, in the usual order, without a newline at the end and with an empty owner.',
    ],
    pid: [
      'MUST',
      'The pid is that of the container’s process as the caller sees it, and 0 when there is none any more.',
    ],
    'created-at': [
      'MUST',
      'The time of the creation is when it was, in RFC 3339, in UTC, and does not change.',
    ],
    rootfs: ['SHOULD', 'The root file system is named by its absolute path.'],
    secrets: ['MUST', 'Nothing else of the configuration is in it, above all no environment.'],
  },
  'What list prints': {
    table: [
      'MUST',
      'The table has a head of ID, PID, STATUS, BUNDLE, CREATED and OWNER and a line for each container.',
    ],
    json: [
      'MUST',
      'As JSON the list is one array of states, whose owner is the user’s name or its number.',
    ],
    'list-layout': [
      'SHOULD',
      'The array is on one line, and the columns of the table stand below each other, twelve wide at least and three apart.',
    ],
    quiet: ['MUST', 'The short list is one id a line.'],
    empty: ['MUST', 'Without containers the list is empty, and no failure.'],
    'missing-root': ['SHOULD', 'A place of the state that was given and is not there is an error.'],
    'bad-format': ['MUST', 'Another format than table and json is refused.'],
    broken: [
      'MUST',
      'A container whose state cannot be read does not keep others from being listed.',
    ],
  },
});
