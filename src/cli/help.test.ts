import { expect, test } from 'vitest';
import type { CommandRow } from './command.js';
import { bashCompletion, zshCompletion } from './completion.js';
import { commandHelp, programHelp, similarCommand } from './help.js';
import { manPage } from './man.js';
import { globalOptions } from './options.js';
import { rows } from './rows.js';

const commands: readonly CommandRow[] = Object.values(rows);
const lines = (text: string): string[] => text.split('\n');

test('the help begins as callers expect it and has a line for every command', () => {
  const help = lines(programHelp());
  expect(help[0]).toBe('NAME:');
  expect(help[1]).toBe('  runts - runs containers from OCI bundles');
  for (const { name, summary } of commands) expect(help).toContain(`  runts ${name} - ${summary}`);
});

test('the help of a command names it, its arguments and its options', () => {
  expect(commandHelp(rows.kill)).toBe(
    `NAME:
  runts kill - Send a signal to the process of a container

USAGE:
  runts kill [options] <container-id> [signal]

OPTIONS:
  -a, --all   Succeed on a stopped container too (obsolete)            [boolean]
  -h, --help  Show help                                                [boolean]

runts --help shows the global options.
`,
  );
});

test('help and manual show which arguments may be many', () => {
  expect(commandHelp(rows.ps)).toContain('  runts ps [options] <container-id> [ps-option...]\n');
  const heading =
    '.SS \\fBps\\fR [\\fIoptions\\fR] \\fIcontainer\\-id\\fR [\\fIps\\-option\\fR...]\n';
  expect(manPage('1')).toContain(heading);
});

test('help says what an option takes, and its default', () => {
  const help = programHelp().replace(/\s+/g, ' ');
  expect(help).toContain('[string] [choices: "text", "json"] [default: text]');
});

test('no line of the help is wider than a terminal', () => {
  const texts = [programHelp(), ...commands.map(commandHelp)];
  expect(texts.flatMap(lines).filter((line) => line.length > 80)).toEqual([]);
});

test('a mistyped command is recognised, another word is not', () => {
  expect(['craete', 'stat', 'lst', 'delet'].map(similarCommand)).toEqual([
    'create',
    'start',
    'list',
    'delete',
  ]);
  expect(['foo', 'exec', '', 'features'].map(similarCommand)).toEqual(Array(4).fill(undefined));
});

const scopes = [
  { where: 'globally', options: globalOptions, help: programHelp(), command: '' },
  ...commands.map((row) => ({
    where: `for ${row.name}`,
    options: row.options,
    help: commandHelp(row),
    command: row.name,
  })),
];

test.each(scopes)(
  'every option $where is in help, manual and completion',
  ({ options, help, command }) => {
    const manual = manSection(command);
    const bash = lines(bashCompletion()).find((line) =>
      line.includes(`${command || "''"}) COMPREPLY`),
    );
    for (const { name, alias } of options) {
      const spelling = alias === undefined ? `--${name}` : `-${alias}, --${name}`;
      expect(help).toMatch(new RegExp(`^ +${spelling} `, 'm'));
      expect(manual).toContain(`\\fB\\-\\-${name.replaceAll('-', '\\-')}\\fR`);
      if (alias !== undefined) expect(manual).toContain(`\\fB\\-${alias}\\fR, `);
      expect(bash).toMatch(new RegExp(`[ ']--${name}[ ']`));
      expect(zshSection(command)).toMatch(new RegExp(`'--${name}=?\\[`));
      if (alias !== undefined) expect(zshSection(command)).toMatch(new RegExp(`'-${alias}\\[`));
    }
  },
);

function manSection(command: string): string {
  const start = command === '' ? '.SH GLOBAL OPTIONS' : `.SS \\fB${command}\\fR`;
  const page = manPage('0.1.0');
  expect(page).toContain(start);
  return page.slice(page.indexOf(start)).split(/\n\.S[HS] /)[0]!;
}

function zshSection(command: string): string {
  const script = zshCompletion();
  const start = command === '' ? '_arguments -C' : `        ${command})\n`;
  expect(script).toContain(start);
  return script.slice(script.indexOf(start)).split(command === '' ? 'case $state' : ';;')[0]!;
}

test('the manual page has the sections of one', () => {
  const page = manPage('1.2.3');
  expect(lines(page)[0]).toBe('.TH RUNTS 8 "" "runts 1.2.3" "System Administration"');
  expect(page.match(/^\.SH .*/gm)).toEqual([
    '.SH NAME',
    '.SH SYNOPSIS',
    '.SH DESCRIPTION',
    '.SH GLOBAL OPTIONS',
    '.SH COMMANDS',
    '.SH TERMINALS',
    '.SH EXIT STATUS',
    '.SH ENVIRONMENT',
    '.SH FILES',
    '.SH SEE ALSO',
  ]);
});

test('no text of the manual page is taken for a request', () => {
  const requests = /^(\.(TH|SH|SS|TP|PP|B|BR)( |$)|[^.'])/;
  expect(lines(manPage('1')).filter((line) => line !== '' && !requests.test(line))).toEqual([]);
});

test('an option that may be given many times is shown as one, and each time takes a value', () => {
  const help = commandHelp(rows.exec).replace(/\s+/g, ' ');
  expect(help).toMatch(/-e, --env .*?\[array\]/);
});
