/** What engines rely on beyond the specification. */
import { chmodSync } from 'node:fs';
import type { Call } from '../call.js';
import { afterwards, answers, on, says, succeedsAnyhow } from '../how.js';
import type { Row } from '../mutation.js';

const another = (verb: string, from: (status: number) => boolean, to: number) =>
  on(verb, async (call) => {
    const status = await call.pass();
    if (!from(status)) return status;
    call.note('broken');
    return to;
  });

const isFailure = (status: number) => status !== 0;

const idle = (verb: string): Row => [
  `idle-${verb}`,
  `does nothing at ${verb}`,
  verb,
  on(verb, async (call) => {
    if (call.arguments.operands.length !== 1) return call.pass();
    call.note('broken');
    return 0;
  }),
];

const swallowed = (verb: string): Row => [
  `${verb}-never-fails`,
  `tells nobody that ${verb} has failed`,
  `${verb}-`,
  succeedsAnyhow(verb),
];

/** Another command about the same container first. */
const beforehand = (verb: string, other: string) =>
  on(verb, async (call) => {
    const id = call.arguments.operands.at(-1) ?? '';
    const { status } = await call.aside(other, id);
    if (status === 0) call.note('broken');
    return call.pass();
  });

const noise = (verb: string): Row => [
  `noisy-${verb}`,
  `writes to the standard output of ${verb}`,
  `stdout ${verb}`,
  afterwards(verb, () => process.stdout.write('done\n')),
];

/** Of `run` and `exec` the process would be silent as well. */
const silent = {
  act: async (call: Call) => {
    if (['run', 'exec'].includes(call.arguments.verb)) return call.pass();
    const status = await call.pass(call.words, { stderr: 'ignore' });
    if (status !== 0) call.note('broken');
    return status;
  },
};

export const commandLine: readonly Row[] = [
  ['silent', 'says nothing when it fails', 'error log stderr', silent],
  [
    'exec-fails-with-1',
    'ends a failed exec with status 1',
    'exec',
    another('exec', (status) => status === 255, 1),
  ],
  [
    'exec-never-fails',
    'loses the exit status of exec',
    'exec',
    another('exec', (status) => ![0, 1, 255].includes(status), 0),
  ],
  [
    'run-never-fails',
    'loses the exit status of run',
    'run',
    another('run', (status) => ![0, 1].includes(status), 0),
  ],
  [
    'unknown-command-1',
    'ends with status 1 after an unknown command',
    'unknown command',
    {
      act: async (call) => {
        const status = await call.pass();
        if (status !== 3) return status;
        call.note('broken');
        return 1;
      },
    },
  ],
  [
    'start-fails-with-2',
    'ends a failed start with status 2',
    'start exit',
    another('start', isFailure, 2),
  ],
  ...['create', 'start', 'kill', 'delete'].map(noise),
  ...['pause', 'resume', 'update', 'ps'].map(swallowed),
  [
    'paused-is-running',
    'calls a paused container running',
    'paused',
    answers('state', (state) =>
      state.status === 'paused' ? { ...state, status: 'running' } : state,
    ),
  ],
  [
    'resumes-to-start',
    'lets a paused container go on and starts it',
    'start-once',
    beforehand('start', 'resume'),
  ],
  [
    'resumes-to-delete',
    'lets a paused container go on before it refuses to delete it',
    'delete-running',
    beforehand('delete', 'resume'),
  ],
  idle('pause'),
  idle('resume'),
  idle('update'),
  [
    'empty-list',
    'lists no container',
    'list',
    says('list', (text) => text.replace(/^ID[\s\S]*/, '').replace(/^\[[\s\S]*/, '[]')),
  ],
  [
    'empty-ps',
    'lists no process',
    'ps',
    says('ps', (text) => text.replace(/^(UID|PID)[\s\S]*/, '').replace(/^\[[\s\S]*/, '[]')),
  ],
  [
    'ps-of-one',
    'lists one process of a container alone',
    'ps-below commands/ps-json',
    says('ps', (text) => text.replace(/,[\d, ]*\]/, ']')),
  ],
  [
    'spec-private',
    'writes configurations that their owner alone can read',
    'commands/spec-mode',
    afterwards('spec', (call) => chmodSync(call.configFile, 0o600)),
  ],
  [
    'state-without-owner',
    'does not tell the owner',
    'state',
    answers('state', ({ owner: _, ...state }) => state),
  ],
  [
    'state-without-created',
    'does not tell when a container was created',
    'state',
    answers('state', ({ created: _, ...state }) => state),
  ],
  [
    'state-without-rootfs',
    'does not tell the root',
    'state',
    answers('state', ({ rootfs: _, ...state }) => state),
  ],
  [
    'version-without-spec',
    'does not tell which specification it follows',
    'version',
    {
      act: async (call) => {
        if (!call.words.some((word) => /^(--version|-v)$/.test(word))) return call.pass();
        const { status, stdout } = await call.run(call.words, { stdout: 'pipe' });
        call.note('broken');
        process.stdout.write(stdout.replace(/^spec:.*\n/m, ''));
        return status;
      },
    },
  ],
  [
    'delete-of-nobody',
    'fails to delete by force what does not exist',
    'delete',
    on('delete', async (call) => {
      const [id = ''] = call.arguments.operands;
      if (!call.words.some((word) => /^(--force|-f)$/.test(word))) return call.pass();
      if ((await call.aside('state', id)).status === 0) return call.pass();
      call.note('broken');
      return 1;
    }),
  ],
];
