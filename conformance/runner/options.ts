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
  /** Files with earlier results. */
  readonly from: readonly string[];
  readonly html?: string | undefined;
  readonly markdown?: string | undefined;
  /** Names, or nothing for all. */
  readonly mutations?: string | undefined;
}

const names = Object.keys(profiles) as ProfileName[];

type Given = Pick<
  Options,
  'runtime' | 'jobs' | 'tap' | 'json' | 'list' | 'from' | 'html' | 'markdown'
>;

/** What is wrong with the options together. */
function mistakes(given: Given): [isWrong: boolean, message: string][] {
  const { runtime, jobs, tap, json, list, from, html, markdown } = given;
  const writes = html !== undefined || markdown !== undefined;
  return [
    [runtime.length === 0 && from.length === 0 && !list, '--runtime is missing'],
    [from.length > 0 && !writes, '--from is for --html and --markdown'],
    [tap && json, '--tap and --json exclude each other'],
    [tap && runtime.length > 1, '--tap is for one --runtime'],
    [!Number.isInteger(jobs) || jobs < 1, '--jobs must be 1 or more'],
  ];
}

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
      from: {
        describe:
          'Show these results too, in --html and --markdown: what --json has printed before',
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
      },
      html: { describe: 'Write a page of the results', type: 'string' },
      markdown: { describe: 'Write the results as Markdown', type: 'string' },
      mutations: {
        describe: 'Break one behaviour at a time and see whether it is noticed: NAME,NAME or all',
        type: 'string',
      },
    })
    .check((options) => {
      for (const [isWrong, message] of mistakes(options)) if (isWrong) throw new Error(message);
      return true;
    })
    .strict()
    .version(false)
    .fail((message, error) => {
      throw new Refusal(`${message ?? error.message} (--help shows all options)`);
    })
    .parseAsync();
}
