/**
 * Arguments as Go programs of this trade take them: one dash or two, `--flag=value`, options and
 * arguments in any order. Runs at every start, hence no library.
 */
import {
  badFlagSyntax,
  badValue,
  flagNeedsArgument,
  undefinedFlag,
  wrongCount,
} from '../errors/catalog.js';
import { asRuntimeError, type RuntimeError } from '../errors/error.js';
import type { CommandRow, OptionRow, Values } from './command.js';

export interface Parsed {
  /** Values of global options, by name in camel case. */
  readonly globals: Values;
  /** Values of the command's own options. */
  readonly values: Values;
  readonly positionals: readonly string[];
  /** The first word that is no option, and its command if there is such a one. */
  readonly word?: string;
  readonly command?: CommandRow;
  /** What is wrong; the rest holds what was understood before it. */
  readonly problem?: RuntimeError;
}

/** Options that may stand here, and where their values go. */
type Scope = readonly [options: readonly OptionRow[], values: Values];

type FindCommand = (word: string) => CommandRow | undefined;

interface Draft {
  readonly globals: Values;
  readonly values: Values;
  readonly positionals: string[];
  word?: string;
  command?: CommandRow;
  problem?: RuntimeError;
}

export function parse(
  argv: readonly string[],
  globalOptions: readonly OptionRow[],
  findCommand: FindCommand,
): Parsed {
  const draft: Draft = { globals: {}, values: {}, positionals: [] };
  try {
    walk(draft, argv, globalOptions, findCommand);
  } catch (thrown) {
    draft.problem = asRuntimeError(thrown);
  }
  return draft;
}

function walk(
  draft: Draft,
  argv: readonly string[],
  globalOptions: readonly OptionRow[],
  findCommand: FindCommand,
): void {
  for (let at = 0; at < argv.length; ) {
    const argument = argv[at]!;
    if (argument.length === 1 || argument[0] !== '-' || argument === '--') {
      at = takeWord(draft, argv, at, findCommand);
      continue;
    }
    const own = draft.command?.options ?? [];
    const scopes: Scope[] = [
      [own, draft.values],
      [globalOptions, draft.globals],
    ];
    at += takeOption(scopes, argument, argv[at + 1]);
  }
}

/** Answers where to go on: at the end when nothing that follows can be an option. */
function takeWord(
  draft: Draft,
  argv: readonly string[],
  at: number,
  findCommand: FindCommand,
): number {
  const word = argv[at]!;
  if (draft.command !== undefined) {
    const last = word === '--' || draft.command.ordered === true;
    draft.positionals.push(...argv.slice(word === '--' ? at + 1 : at, last ? argv.length : at + 1));
    return last ? argv.length : at + 1;
  }
  if (word === '--') return at + 1;
  const command = findCommand(word);
  draft.word = word;
  if (command === undefined) return argv.length;
  draft.command = command;
  return at + 1;
}

/** Answers how many arguments were used up. */
function takeOption(scopes: readonly Scope[], argument: string, next: string | undefined): number {
  const body = argument.slice(argument[1] === '-' ? 2 : 1);
  if (body[0] === '-' || body[0] === '=') throw badFlagSyntax(argument);
  const equals = body.indexOf('=');
  const name = equals < 0 ? body : body.slice(0, equals);
  const inline = equals < 0 ? undefined : body.slice(equals + 1);
  const [option, values] = findOption(scopes, name);
  if (option.kind === 'flag') {
    values[valueKey(option.name)] = inline === undefined || parseBool(name, inline);
    return 1;
  }
  const value = inline ?? next;
  if (value === undefined) throw flagNeedsArgument(argument);
  values[valueKey(option.name)] = readValue(option, name, value, values);
  return inline === undefined ? 2 : 1;
}

function readValue({ kind, name }: OptionRow, given: string, value: string, values: Values) {
  if (kind === 'count') return parseCount(given, value);
  if (kind !== 'list') return value;
  const before = values[valueKey(name)];
  return [...(Array.isArray(before) ? (before as readonly string[]) : []), value];
}

function findOption(scopes: readonly Scope[], name: string): [OptionRow, Values] {
  for (const [options, values] of scopes) {
    const found = options.find((row) => row.name === name || row.alias === name);
    if (found !== undefined) return [found, values];
  }
  throw undefinedFlag(name);
}

/** The name of an option among the values: `pidFile` for `pid-file`. */
export const valueKey = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The words that Go's strconv.ParseBool takes. */
export function parseBool(name: string, text: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  throw badValue(name, text, 'true or false');
}

/** No command takes a count below zero. */
function parseCount(name: string, text: string): number {
  const number = /^\+?(\d|[1-9]\d{1,8})$/.test(text) ? Number(text) : -1;
  if (number < 0) throw badValue(name, text, 'a whole number from 0 on');
  return number;
}

function countsOf({ arguments: taken }: CommandRow): { least: number; most: number } {
  const needed = taken.filter(({ fallback, rest }) => fallback === undefined && rest !== true);
  const most = taken.some(({ rest }) => rest === true) ? Number.POSITIVE_INFINITY : taken.length;
  return { least: needed.length, most };
}

/** Is the number of arguments right? */
export function checkCount(program: string, row: CommandRow, given: number): void {
  const { least, most } = countsOf(row);
  if (given >= least && given <= most) return;
  const exact = least === most;
  if (exact) throw wrongCount(program, row.name, 'exactly', most);
  if (given < least) throw wrongCount(program, row.name, 'a minimum of', least);
  throw wrongCount(program, row.name, 'a maximum of', most);
}
