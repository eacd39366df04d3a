/**
 * yargs without Node: it takes everything that it wants of its platform through one object. The
 * modules are reached by path, since the packages export only entries that want Node or a browser.
 */
import parser from 'yargs-parser/browser';
import { cliui } from '../../node_modules/cliui/build/lib/index.js';
import { YargsFactory } from '../../node_modules/yargs/build/lib/yargs-factory.js';

const COLUMNS = 80;

/** Our headings in the place of its own. */
const headings: Readonly<Record<string, string>> = {
  'Options:': 'OPTIONS:',
  'Positionals:': 'ARGUMENTS:',
};

const fill = (text: string, values: readonly unknown[]): string => {
  const left = [...values];
  return (headings[text] ?? text).replace(/%[sd]/g, () => String(left.shift() ?? ''));
};

const characters = (text: string): number => [...text].length;

/** Breaks lines at blanks; what follows keeps the line's indentation. */
export function wrapText(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string[] {
  const indentation = /^ */.exec(line)?.[0] ?? '';
  const lines = [indentation];
  for (const word of line.trim().split(/ +/)) {
    const last = lines.length - 1;
    const joined = lines[last] === indentation ? indentation + word : `${lines[last]} ${word}`;
    if (characters(joined) <= width || lines[last] === indentation) lines[last] = joined;
    else lines.push(indentation + word);
  }
  return lines;
}

const tools = { stringWidth: characters, stripAnsi: (text: string) => text, wrap: wrapText };

const nothing = (): undefined => undefined;
const unchanged = (text: string): string => text;

const shim = {
  assert: { notStrictEqual: nothing, strictEqual: nothing },
  cliui: (options: object) => cliui(options, tools),
  findUp: nothing,
  getCallerFile: nothing,
  getEnv: nothing,
  getProcessArgvBin: () => '',
  inspect: String,
  mainFilename: '',
  Parser: parser,
  path: {
    basename: unchanged,
    dirname: unchanged,
    extname: unchanged,
    relative: unchanged,
    resolve: unchanged,
    join: unchanged,
  },
  process: {
    argv: () => [],
    cwd: () => '/',
    emitWarning: nothing,
    execPath: () => '',
    exit: nothing,
    nextTick: nothing,
    stdColumns: COLUMNS,
  },
  readFileSync: () => '',
  readdirSync: () => [],
  require: nothing,
  requireDirectory: nothing,
  stringWidth: characters,
  y18n: {
    __: (text: string, ...values: unknown[]) => fill(text, values),
    __n: (one: string, many: string, count: number, ...values: unknown[]) =>
      fill(count === 1 ? one : many, [count, ...values]),
    getLocale: () => 'en_US',
    setLocale: nothing,
    updateLocale: nothing,
  },
};

/** A fresh yargs that never prints, never exits and adds no options of its own. */
export const createYargs = () =>
  YargsFactory(shim)().exitProcess(false).version(false).wrap(COLUMNS);
