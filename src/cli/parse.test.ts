import fc from 'fast-check';
import { expect, test } from 'vitest';
import yargsParser from 'yargs-parser';
import type { CommandRow, OptionRow } from './command.js';
import { globalOptions } from './options.js';
import { checkCount, parse } from './parse.js';
import { findCommand, rows } from './rows.js';

const read = (...argv: string[]) => parse(argv, globalOptions, findCommand);
const problem = (...argv: string[]) => read(...argv).problem?.message;

test('global options, command, its options and its arguments are told apart', () => {
  expect(read('--root', '/r', '--debug', 'create', '-b', '/b', '--pid-file=/p', 'web')).toEqual({
    globals: { root: '/r', debug: true },
    word: 'create',
    command: rows.create,
    values: { bundle: '/b', pidFile: '/p' },
    positionals: ['web'],
  });
});

test('an option may have one dash or two', () => {
  expect(read('run', '-no-subreaper', '-bundle', '/b', 'web').values).toEqual({
    noSubreaper: true,
    bundle: '/b',
  });
  expect(read('delete', '--f', 'web').values).toEqual({ force: true });
});

test.each([['--bundle', '/b'], ['--bundle=/b'], ['-b', '/b'], ['-b=/b']])(
  'the value of an option is found in "%s %s"',
  (...words) => {
    expect(read('create', ...words, 'web').values).toEqual({ bundle: '/b' });
  },
);

test.each(['1', 't', 'T', 'true', 'TRUE', 'True'])('--force=%s is true', (word) => {
  expect(read('delete', `--force=${word}`, 'web').values).toEqual({ force: true });
});

test.each(['0', 'f', 'F', 'false', 'FALSE', 'False'])('--force=%s is false', (word) => {
  expect(read('delete', `--force=${word}`, 'web').values).toEqual({ force: false });
});

test('the word after a flag is an argument', () => {
  const { values, positionals } = read('delete', '--force', 'false');
  expect([values, positionals]).toEqual([{ force: true }, ['false']]);
});

test('an empty value after an equals sign is a value', () => {
  expect(read('--root=', 'list').globals).toEqual({ root: '' });
});

test('a value may begin with a dash', () => {
  expect(read('create', '--pid-file', '--bundle', 'web').values).toEqual({ pidFile: '--bundle' });
});

test('a value may hold an equals sign and a newline', () => {
  expect(read('create', '--bundle=/a=b\nc', 'web').values).toEqual({ bundle: '/a=b\nc' });
});

test('the last of repeated options holds', () => {
  expect(read('create', '-b', '/a', '--bundle', '/b', 'web').values).toEqual({ bundle: '/b' });
});

test('options may follow the arguments', () => {
  const { values, positionals } = read('delete', 'web', '--force');
  expect([values, positionals]).toEqual([{ force: true }, ['web']]);
});

test('what follows the id given to kill is no option', () => {
  expect(read('kill', 'web', '-9').positionals).toEqual(['web', '-9']);
  expect(read('kill', 'web', '--all', '--').positionals).toEqual(['web', '--all', '--']);
  const { values, positionals } = read('kill', '--all', 'web', '9');
  expect([values, positionals]).toEqual([{ all: true }, ['web', '9']]);
});

test('global options are understood after the command', () => {
  expect(read('state', '--root', '/r', 'web').globals).toEqual({ root: '/r' });
  expect(read('state', 'web', '--debug').globals).toEqual({ debug: true });
});

test("a command's own option wins over a global one of the same name", () => {
  const { globals, values } = read('--rootless', 'auto', 'spec', '--rootless');
  expect([globals, values]).toEqual([{ rootless: 'auto' }, { rootless: true }]);
});

test('two dashes end the options', () => {
  expect(read('delete', '--', '--force').positionals).toEqual(['--force']);
  expect(read('--', 'delete', '--force').values).toEqual({ force: true });
  expect(read('kill', '--', '-x', '9').positionals).toEqual(['-x', '9']);
});

test('a lone dash and an empty word are arguments', () => {
  expect(read('state', '-').positionals).toEqual(['-']);
  expect(read('state', '').positionals).toEqual(['']);
  expect(read('create', '--bundle', '-', 'web').values).toEqual({ bundle: '-' });
});

test.each([
  [['create', '--bundle'], 'flag needs an argument: --bundle'],
  [['create', '-b'], 'flag needs an argument: -b'],
  [['--root'], 'flag needs an argument: --root'],
  [['create', '--nope', 'web'], 'flag provided but not defined: -nope'],
  [['create', '-nope=1', 'web'], 'flag provided but not defined: -nope'],
  [['--force', 'delete'], 'flag provided but not defined: -force'],
  [['kill', '-9', 'web'], 'flag provided but not defined: -9'],
  [['create', '---bundle', 'web'], 'bad flag syntax: ---bundle'],
  [['create', '--=x', 'web'], 'bad flag syntax: --=x'],
  [['create', '-=', 'web'], 'bad flag syntax: -='],
  [['--debug=maybe'], 'invalid value "maybe" for flag -debug: must be true or false'],
  [['delete', '-f='], 'invalid value "" for flag -f: must be true or false'],
  [
    ['create', '--preserve-fds', 'x'],
    'invalid value "x" for flag -preserve-fds: must be a whole number from 0 on',
  ],
  [
    ['create', '--preserve-fds=-1'],
    'invalid value "-1" for flag -preserve-fds: must be a whole number from 0 on',
  ],
])('%j is refused', (argv, text) => {
  expect(problem(...argv)).toBe(text);
});

test('what stood before a mistake is kept, so that it can be logged where it should', () => {
  expect(read('--log', '/l', '--log-format=json', 'restore', '-x').globals).toEqual({
    log: '/l',
    logFormat: 'json',
  });
  expect(read('--log', '/l', 'create', '--nope').globals).toEqual({ log: '/l' });
});

test('nothing is read after a word that is no command', () => {
  expect(read('restore', '--tty', 'web')).toEqual({
    globals: {},
    word: 'restore',
    values: {},
    positionals: [],
  });
  expect(read('constructor').command).toBeUndefined();
});

test('a count is a number', () => {
  expect(read('run', '--preserve-fds', '3', 'web').values).toEqual({ preserveFds: 3 });
  expect(read('run', '--preserve-fds=0', 'web').values).toEqual({ preserveFds: 0 });
});

const countProblem = (row: CommandRow, given: number): string | undefined => {
  try {
    checkCount('/bin/runts', row, given);
    return undefined;
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

test('the number of arguments must be right', () => {
  const { create, kill, list } = rows;
  expect([create, kill, kill, list].map((row, i) => countProblem(row, [1, 1, 2, 0][i]!))).toEqual(
    Array(4).fill(undefined),
  );
  expect(countProblem(create, 0)).toBe('/bin/runts: "create" requires exactly 1 argument(s)');
  expect(countProblem(create, 2)).toBe('/bin/runts: "create" requires exactly 1 argument(s)');
  expect(countProblem(list, 1)).toBe('/bin/runts: "list" requires exactly 0 argument(s)');
  expect(countProblem(kill, 0)).toBe('/bin/runts: "kill" requires a minimum of 1 argument(s)');
  expect(countProblem(kill, 3)).toBe('/bin/runts: "kill" requires a maximum of 2 argument(s)');
});

test('an argument may take all the words that are left', () => {
  const { ps } = rows;
  expect([1, 2, 9].map((given) => countProblem(ps, given))).toEqual(Array(3).fill(undefined));
  expect(countProblem(ps, 0)).toBe('/bin/runts: "ps" requires a minimum of 1 argument(s)');
  const { values, positionals } = read('ps', '-f', 'json', 'web', '-e', '--format=x', '--');
  expect(values).toEqual({ format: 'json' });
  expect(positionals).toEqual(['web', '-e', '--format=x', '--']);
});

const optionWords = [...globalOptions, ...rows.run.options].flatMap(({ name }) => [
  `--${name}`,
  `-${name}`,
  `--${name}=1`,
]);
const anyWord = fc.oneof(
  fc.constantFrom(...Object.keys(rows), ...optionWords, '--', '-', '', '-9', '--root=', '---'),
  fc.string(),
);

test('any argv at all is either understood or refused with a usage error', () => {
  fc.assert(
    fc.property(fc.array(anyWord, { maxLength: 8 }), (argv) => {
      const parsed = read(...argv);
      if (parsed.problem !== undefined) expect(parsed.problem.code).toBe('usage');
    }),
  );
});

test('after two dashes every word is an argument, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(anyWord, { maxLength: 6 }), (words) => {
      expect(read('delete', '--', ...words).positionals).toEqual(words);
    }),
  );
});

/** One conventional spelling of an option, and what it means. */
const spelled = fc.oneof(
  ...rows.run.options.map(({ name, alias, kind }: OptionRow) => {
    const names = alias === undefined ? [`--${name}`] : [`--${name}`, `-${alias}`];
    const value = kind === 'count' ? fc.nat({ max: 99 }).map(String) : fc.constantFrom('/a', 'b=c');
    const dashed = fc.constantFrom(...names);
    const words: fc.Arbitrary<string[]> =
      kind === 'flag'
        ? dashed.map((word) => [word])
        : fc.oneof(
            fc.tuple(dashed, value),
            fc.tuple(dashed, value).map(([word, text]) => [`${word}=${text}`]),
          );
    return words.map((spelling) => ({ name, spelling }));
  }),
);

test('yargs-parser understands conventional arguments as we do', () => {
  const options: readonly OptionRow[] = rows.run.options;
  const ofKind = (kind: string) =>
    options.filter((row) => row.kind === kind).map((row) => row.name);
  const settings = {
    boolean: ofKind('flag'),
    string: ofKind('text'),
    number: ofKind('count'),
    alias: Object.fromEntries(options.flatMap(({ name, alias }) => (alias ? [[name, alias]] : []))),
    configuration: { 'boolean-negation': false, 'duplicate-arguments-array': false },
  };
  // yargs-parser adds repeated numbers up.
  const once = fc.uniqueArray(spelled, { selector: ({ name }) => name });
  const words = fc.tuple(once, fc.constantFrom([], ['web'], ['web', 'x']));
  fc.assert(
    fc.property(words, ([spellings, positionals]) => {
      const argv = [...spellings.flatMap(({ spelling }) => spelling), ...positionals];
      const theirs = yargsParser(argv, settings);
      const ours = read('run', ...argv);
      expect(ours.problem).toBeUndefined();
      expect(ours.positionals).toEqual(theirs._);
      for (const [key, value] of Object.entries(ours.values)) expect(theirs[key]).toBe(value);
      const theirKeys = Object.keys(theirs).filter((key) => /^[a-z][a-zA-Z]+$/.test(key));
      expect(Object.keys(ours.values).sort()).toEqual(theirKeys.sort());
    }),
  );
});

test('an option that may be given many times has all its values, in order', () => {
  const { values, positionals } = read(
    ...['exec', '-e', 'A=1', '--env', 'B=2', '--env=C=', '-cap=CAP_KILL', 'web', '-e', 'D=4'],
  );
  expect(values).toEqual({ env: ['A=1', 'B=2', 'C='], cap: ['CAP_KILL'] });
  expect(positionals).toEqual(['web', '-e', 'D=4']);
});

test('one that is not given has no values, and one without a value is wrong', () => {
  expect(read('exec', 'web', 'ls').values).toEqual({});
  expect(problem('exec', '--env')).toBe('flag needs an argument: --env');
});
