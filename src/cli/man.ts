/** The manual page runts(8), written from the rows when the program is built. */
import type { CommandRow, OptionRow } from './command.js';
import { globalOptions } from './options.js';
import { programName, programSummary, rows } from './rows.js';

export function manPage(version: string): string {
  const title = programName.toUpperCase();
  return `${[
    `.TH ${title} 8 "" "${programName} ${version}" "System Administration"`,
    '.SH NAME',
    `${programName} \\- ${roff(programSummary)}`,
    '.SH SYNOPSIS',
    `.B ${programName}`,
    `[${italic('global options')}] ${italic('command')} [${italic('options')}] [${italic('arguments')}]`,
    '.SH DESCRIPTION',
    ...description.map(paragraph),
    '.SH GLOBAL OPTIONS',
    ...globalOptions.map(option),
    '.SH COMMANDS',
    ...Object.values<CommandRow>(rows).map(command),
    '.SH TERMINALS',
    ...terminals.map(paragraph),
    ...sections.flatMap(([heading, lines]) => [`.SH ${heading}`, ...lines]),
  ].join('\n')}\n`;
}

const description = [
  'A container runtime for the command line of engines: it makes one container from a bundle, which ' +
    'is a directory with a config.json and a root file system, and ends. It takes the arguments of ' +
    'runc and writes what runc writes.',
  'Options have one dash or two; a value follows after a blank or an equals sign. A flag takes ' +
    '=true or =false. Options and arguments may be mixed, save for exec, kill and ps, whose options ' +
    'come first. ' +
    'Everything after -- is an argument. Global options are understood after the command too.',
];

const terminals = [
  'A process that wants a terminal, by config.json or exec --tty, has one of the container. Without ' +
    '--detach, run and exec are its user: keys go to the container as they are, its size follows, ' +
    'signals are passed on, and the terminal is as before at the end. When the input ends, the ' +
    'container reads an end of file; when nobody reads the output, its terminal is hung up.',
  'Otherwise the socket that --console-socket names receives the terminal: one message with one ' +
    'descriptor and the name, such as /dev/pts/0.',
];

const sections: readonly (readonly [string, readonly string[]])[] = [
  [
    'EXIT STATUS',
    [
      term('0', 'Success.'),
      term('1', 'Failure. The reason is on the standard error, and in the file that --log names.'),
      term('3', 'There is no such command.'),
      term(
        'other',
        'From run without --detach: the exit status of the container, or 128 and the number of the ' +
          'signal that ended it. From exec without --detach the same of its process; 255 is failure.',
      ),
    ],
  ],
  [
    'ENVIRONMENT',
    [
      term('XDG_RUNTIME_DIR', 'Holds the state of containers of a user other than root.'),
      term('USER', 'The superuser of a user namespace counts as root when this is root.'),
      term('LISTEN_FDS, LISTEN_PID', 'Descriptors that create and run pass on: sd_listen_fds(3).'),
      term(
        'NOTIFY_SOCKET',
        'Who is told by run or start that the container is ready: sd_notify(3).',
      ),
    ],
  ],
  [
    'FILES',
    [
      term('config.json', 'The configuration, in the bundle.'),
      term(`/run/${programName}`, 'A directory for each container, unless --root says otherwise.'),
    ],
  ],
  ['SEE ALSO', ['.BR runc (8),', '.BR crun (1),', '.BR namespaces (7),', '.BR cgroups (7)']],
];

function command(row: CommandRow): string {
  const words = row.arguments.map(({ shown, fallback, rest }) => {
    if (rest === true) return `[${italic(shown)}...]`;
    return fallback === undefined ? italic(shown) : `[${italic(shown)}]`;
  });
  const options = row.options.length > 0 ? [`[${italic('options')}]`] : [];
  const heading = [`\\fB${roff(row.name)}\\fR`, ...options, ...words].join(' ');
  return [`.SS ${heading}`, `${roff(row.summary)}.`, ...row.options.map(option)].join('\n');
}

function option({ name, alias, value, summary, choices, fallback }: OptionRow): string {
  const short = alias === undefined ? '' : `\\fB${roff(`-${alias}`)}\\fR, `;
  const shown = value === undefined ? '' : ` ${italic(value)}`;
  const more = [
    ...(choices === undefined ? [] : [`One of ${choices.join(', ')}.`]),
    ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
  ];
  const text = [`${summary}.`, ...more].map(roff).join('\n');
  return `.TP\n${short}\\fB${roff(`--${name}`)}\\fR${shown}\n${text}`;
}

function term(name: string, text: string): string {
  return `.TP\n\\fB${roff(name)}\\fR\n${roff(text)}`;
}

const paragraph = (text: string): string => `.PP\n${roff(text)}`;

const italic = (text: string): string => `\\fI${roff(text)}\\fR`;

/** groff_man(7): what would be a request, an escape or a hyphen where a minus is meant. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\(rs').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}
