/** What is measured, one row of the table each. */
export const rowNames = [
  'run',
  'run-filtered',
  'run-filtered-first',
  'cycle',
  'create',
  'start',
  'kill',
  'delete',
  'delete-force',
  'state',
  'exec',
  'list',
] as const;

export type RowName = (typeof rowNames)[number];
/** What is called; `forget` removes what a runtime keeps for later containers. */
export type Verb = Exclude<RowName, 'cycle' | 'run-filtered' | 'run-filtered-first'> | 'forget';

/** How the table calls them. */
export const rowTitles: Readonly<Record<RowName, string>> = {
  run: 'run',
  'run-filtered': 'run, seccomp profile',
  'run-filtered-first': '… for the first time',
  cycle: 'create + start + delete',
  create: 'create',
  start: 'start',
  kill: 'kill',
  delete: 'delete',
  'delete-force': 'delete --force (running)',
  state: 'state',
  exec: 'exec',
  list: 'list (of one)',
};

/** `first` and `last` happen once, `each` in every round, unmeasured; a row's name is measured. */
type When = 'first' | 'each' | 'last' | RowName;
export type TaskStep = readonly [When, Verb] | 'settle';

/** Steps that belong together because each needs what the one before it left. */
export interface Task {
  readonly rows: readonly RowName[];
  readonly program: 'true' | 'sleep';
  /** Whether the floor takes part, whose container ends by itself and is never killed. */
  readonly floor: boolean;
  /** With the system call filter of an engine. */
  readonly filtered?: true;
  readonly steps: readonly TaskStep[];
}

export const tasks: readonly Task[] = [
  { rows: ['run'], program: 'true', floor: true, steps: [['run', 'run']] },
  {
    rows: ['run-filtered'],
    program: 'true',
    floor: false,
    filtered: true,
    steps: [['run-filtered', 'run']],
  },
  {
    rows: ['run-filtered-first'],
    program: 'true',
    floor: false,
    filtered: true,
    steps: [
      ['each', 'forget'],
      ['run-filtered-first', 'run'],
    ],
  },
  {
    rows: ['cycle'],
    program: 'true',
    floor: true,
    steps: [['cycle', 'create'], ['cycle', 'start'], 'settle', ['cycle', 'delete']],
  },
  {
    rows: ['create', 'start', 'kill', 'delete'],
    program: 'sleep',
    floor: true,
    steps: [
      ['create', 'create'],
      ['start', 'start'],
      ['kill', 'kill'],
      'settle',
      ['delete', 'delete'],
    ],
  },
  {
    rows: ['delete-force'],
    program: 'sleep',
    floor: false,
    steps: [['each', 'create'], ['each', 'start'], ['delete-force', 'delete-force'], 'settle'],
  },
  {
    rows: ['state', 'exec', 'list'],
    program: 'sleep',
    floor: false,
    steps: [
      ['first', 'create'],
      ['first', 'start'],
      ['state', 'state'],
      ['exec', 'exec'],
      ['list', 'list'],
      ['last', 'delete-force'],
    ],
  },
];
