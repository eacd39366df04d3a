/** What a runtime tells of a container and of itself. */
import { basename } from 'node:path';
import { answers, on, says } from '../how.js';
import type { Row } from '../mutation.js';

const aims = 'runtime/state runtime/query-state state';

const status = (from: string, to: string): Row => [
  `${from}-is-${to}`,
  `calls a container ${to} that is ${from}`,
  aims,
  answers('state', (state) => ({ ...state, status: state.status === from ? to : state.status })),
];

const lost = (name: string, describe = `does not tell ${name}`): Row => [
  `state-without-${name.toLowerCase()}`,
  describe,
  aims,
  answers('state', ({ [name]: _, ...state }) => state),
];

const features = (name: string, breaks: string, change: Parameters<typeof answers>[1]): Row => [
  `features-${name}`,
  breaks,
  'features',
  answers('features', change),
];

const more = (list: unknown, word: string): unknown =>
  Array.isArray(list) ? [...list, word] : list;

const lost2 = (name: string): Row =>
  features(
    `without-${name.toLowerCase()}`,
    `tells no ${name} among its features`,
    ({ [name]: _, ...rest }) => rest,
  );

export const state: readonly Row[] = [
  status('created', 'running'),
  status('running', 'created'),
  status('stopped', 'running'),
  status('running', 'alive'),
  lost('ociVersion'),
  lost('id'),
  lost('status'),
  lost('bundle'),
  lost('pid'),
  lost('annotations', 'forgets annotations'),
  [
    'wrong-pid',
    'tells another pid',
    aims,
    answers('state', (state) => ({ ...state, pid: Number(state.pid) + 1 })),
  ],
  [
    'pid-of-text',
    'tells the pid as text',
    aims,
    answers('state', (state) => ({ ...state, pid: String(state.pid) })),
  ],
  [
    'relative-bundle',
    'tells a relative path of the bundle',
    aims,
    answers('state', (state) => ({ ...state, bundle: basename(String(state.bundle)) })),
  ],
  [
    'wrong-version',
    'tells no version that there is',
    aims,
    answers('state', (state) => ({ ...state, ociVersion: '1' })),
  ],
  [
    'wrong-id',
    'tells another id',
    aims,
    answers('state', (state) => ({ ...state, id: `${state.id}-1` })),
  ],
  [
    'changed-annotations',
    'adds an annotation',
    aims,
    answers('state', ({ annotations, ...state }) => ({
      ...state,
      annotations: { ...(annotations as object), 'org.example.mutant': 'yes' },
    })),
  ],
  ['noisy-state', 'writes more than the state', aims, says('state', (text) => `${text}done\n`)],
  [
    'state-of-nobody',
    'knows the state of a container that does not exist',
    'runtime/query-state/2 state',
    on('state', async (call) => {
      const { status: code, stdout } = await call.run(call.words, {
        stdout: 'pipe',
        stderr: 'ignore',
      });
      const [id = ''] = call.arguments.operands;
      if (code !== 0) call.note('broken');
      const nobody = { ociVersion: '1.0.2', id, status: 'stopped', bundle: '/' };
      process.stdout.write(code === 0 ? stdout : JSON.stringify(nobody));
      return 0;
    }),
  ],
  features('unknown-property', 'tells features that the specification does not know', (all) => ({
    ...all,
    mutant: true,
  })),
  features('versions', 'tells a lowest version above the highest', (all) => ({
    ...all,
    ociVersionMin: '9.0.0',
  })),
  features('hooks', 'tells a kind of hooks that it does not have', (all) => ({
    ...all,
    hooks: more(all.hooks, 'prestop'),
  })),
  features('options', 'tells a mount option that it does not know', (all) => ({
    ...all,
    mountOptions: more(all.mountOptions, 'mutant'),
  })),
  features('data', 'tells options of file systems as its own', (all) => ({
    ...all,
    mountOptions: more(all.mountOptions, 'mode'),
  })),
  features('annotations', 'tells annotations that are no text', (all) => ({
    ...all,
    annotations: { mutant: 1 },
  })),
  lost2('ociVersionMin'),
  lost2('ociVersionMax'),
];
