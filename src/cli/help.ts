/** The chunk `help`: everything about usage that only a person waits for, through yargs. */
import type { CommandRow, OptionKind, OptionRow } from './command.js';
import { globalOptions } from './options.js';
import { programName, programSummary, rows } from './rows.js';
import { createYargs } from './yargs.js';

type Yargs = ReturnType<typeof createYargs>;

const types: Readonly<Record<OptionKind, 'boolean' | 'string' | 'number'>> = {
  flag: 'boolean',
  text: 'string',
  count: 'number',
  list: 'string',
};

export function programHelp(): string {
  const commands = Object.values<CommandRow>(rows).map(titleOf);
  const usage = [
    'NAME:',
    `  ${programName} - ${programSummary}`,
    '',
    'USAGE:',
    `  ${programName} [global options] COMMAND [options] [arguments]`,
    '',
    'COMMANDS:',
    ...commands,
  ];
  const more = `${programName} COMMAND --help tells more of a command.`;
  return render(createYargs().usage(usage.join('\n')).epilogue(more), globalOptions);
}

export function commandHelp(row: CommandRow): string {
  const usage = ['NAME:', titleOf(row), '', 'USAGE:', `  ${programName} ${synopsis(row)}`];
  const more = `${programName} --help shows the global options.`;
  return render(createYargs().usage(usage.join('\n')).epilogue(more), [...row.options, helpOption]);
}

/** `kill [options] <container-id> [signal]` */
export function synopsis(row: CommandRow): string {
  const words = row.arguments.map(({ shown, fallback, rest }) => {
    if (rest === true) return `[${shown}...]`;
    return fallback === undefined ? `<${shown}>` : `[${shown}]`;
  });
  return [row.name, ...(row.options.length > 0 ? ['[options]'] : []), ...words].join(' ');
}

/** The command that somebody who typed this word is likely to have meant. */
export function similarCommand(word: string): string | undefined {
  const yargs = Object.values<CommandRow>(rows).reduce(
    (known: Yargs, { name, summary }) => known.command(name, summary),
    createYargs().help(false).recommendCommands(),
  );
  const similar = /Did you mean (.*)\?/.exec(answerOf(yargs, [word]))?.[1];
  // yargs is generous: three letters may differ, which makes `spec` of `exec`.
  return similar?.[0] === word[0] ? similar : undefined;
}

const helpOption = globalOptions.find(({ name }) => name === 'help')!;

const titleOf = ({ name, summary }: CommandRow): string => `  ${programName} ${name} - ${summary}`;

function render(yargs: Yargs, options: readonly OptionRow[]): string {
  const declared = options.reduce(declare, yargs.scriptName(programName).help(false));
  return `${answerOf(declared.help(), ['--help'])}\n`;
}

function declare(yargs: Yargs, { name, alias, kind, summary, choices, fallback }: OptionRow) {
  return yargs.option(name, {
    type: types[kind],
    array: kind === 'list',
    describe: summary,
    ...(alias !== undefined && { alias: [alias] }),
    ...(choices !== undefined && { choices }),
    ...(fallback !== undefined && { defaultDescription: fallback }),
  });
}

/** yargs answers at once when it is given a function to answer to. */
function answerOf(yargs: Yargs, argv: readonly string[]): string {
  let answer = '';
  yargs.parse(argv, (_error, _values, output) => {
    answer = output;
  });
  return answer;
}
