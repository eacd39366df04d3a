import { availableParallelism } from 'node:os';
import yargs from 'yargs';
import { type ProfileName, profiles } from './profiles.js';
import { Refusal } from './refusal.js';
import { type View, views } from './view.js';

export interface Options {
  readonly runtime: readonly string[];
  readonly profile: ProfileName;
  readonly filter: readonly string[];
  readonly cgroups?: View | undefined;
  readonly jobs: number;
  readonly tap: boolean;
  readonly json: boolean;
  readonly list: boolean;
  readonly html?: string | undefined;
  readonly markdown?: string | undefined;
  /** Names, or nothing for all. */
  readonly mutations?: string | undefined;
}

const names = Object.keys(profiles) as ProfileName[];

/** Ends the process for `--help`. */
export async function parseOptions(args: readonly string[]): Promise<Options> {
  return yargs([...args])
    .scriptName('runts-conformance')
    .usage('$0 --runtime PATH: does an OCI runtime do what the specification demands?')
    .options({
      runtime: {
        describe: 'Program to test; several are shown side by side',
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
      },
      profile: {
        describe: 'What it is held against: the specification, or what engines expect of runc',
        choices: names,
        default: 'spec' as const,
      },
      filter: {
        describe: 'Only tests whose identifier contains this, or that prove such a statement',
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
      },
      cgroups: {
        describe: 'Let only these cgroup hierarchies be seen, in a mount namespace (root)',
        choices: views,
      },
      jobs: {
        describe: 'Tests at a time',
        type: 'number',
        default: availableParallelism(),
      },
      tap: { describe: 'Print results as TAP 14', type: 'boolean', default: false },
      json: { describe: 'Print results as JSON', type: 'boolean', default: false },
      list: { describe: 'Print the tests and run none', type: 'boolean', default: false },
      html: { describe: 'Write a page of the results', type: 'string' },
      markdown: { describe: 'Write the results as Markdown', type: 'string' },
      mutations: {
        describe: 'Break one behaviour at a time and see whether it is noticed: NAME,NAME or all',
        type: 'string',
      },
    })
    .check(({ jobs, tap, json, runtime, list }) => {
      if (runtime.length === 0 && !list) throw new Error('--runtime is missing');
      if (tap && json) throw new Error('--tap and --json exclude each other');
      if (!Number.isInteger(jobs) || jobs < 1) throw new Error('--jobs must be 1 or more');
      if (tap && runtime.length > 1) throw new Error('--tap is for one --runtime');
      return true;
    })
    .strict()
    .version(false)
    .fail((message, error) => {
      throw new Refusal(`${message ?? error.message} (--help shows all options)`);
    })
    .parseAsync();
}
