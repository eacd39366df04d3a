/** A runtime's arguments, as far as the wrapper has to understand them. */

/** Options that take the word after them. */
const valued = new Set([
  ...['root', 'log', 'log-format', 'log-level', 'rootless', 'cgroup-manager', 'criu'],
  ...['bundle', 'b', 'config', 'console-socket', 'pidfd-socket', 'pid-file', 'preserve-fds'],
  ...['memory', 'memory-reservation', 'memory-swap', 'pids-limit', 'resources', 'r'],
  ...['process', 'p', 'user', 'u', 'cwd', 'env', 'e', 'cap', 'c', 'additional-gids', 'g', 'cgroup'],
]);

/** After the first word that is no option, everything belongs to the container's process. */
const strict = new Set(['exec', 'kill', 'ps']);

export interface Arguments {
  /** Options before the command. */
  readonly globals: readonly string[];
  /** `create`; empty if there is none. */
  readonly verb: string;
  /** What follows the command. */
  readonly rest: readonly string[];
  /** Of those, the ones that are neither options nor their values. */
  readonly operands: readonly string[];
  /** The value of an option that has one of the names. */
  option(...names: readonly string[]): string | undefined;
}

interface Option {
  readonly name: string;
  readonly value: string | undefined;
  readonly words: number;
}

function optionAt(words: readonly string[], index: number): Option | undefined {
  const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(words[index] ?? '');
  if (match === null) return undefined;
  const [, name = '', inline] = match;
  if (inline !== undefined || !valued.has(name)) return { name, value: inline, words: 1 };
  return { name, value: words[index + 1], words: 2 };
}

interface Sorted {
  readonly options: readonly Option[];
  readonly operands: readonly string[];
}

function sorted(words: readonly string[], untilOperand: boolean): Sorted {
  const options: Option[] = [];
  const operands: string[] = [];
  for (let index = 0; index < words.length; ) {
    const option = untilOperand && operands.length > 0 ? undefined : optionAt(words, index);
    if (option) options.push(option);
    else operands.push(words[index] ?? '');
    index += option?.words ?? 1;
  }
  return { options, operands };
}

function lengthOfGlobals(words: readonly string[]): number {
  let index = 0;
  for (let option = optionAt(words, 0); option !== undefined; option = optionAt(words, index))
    index += option.words;
  return index;
}

export function parseArguments(words: readonly string[]): Arguments {
  const at = lengthOfGlobals(words);
  const [verb = '', ...rest] = words.slice(at);
  const { options, operands } = sorted(rest, strict.has(verb));
  const before = sorted(words.slice(0, at), false).options;
  return {
    globals: words.slice(0, at),
    verb,
    rest,
    operands,
    option: (...names) =>
      [...before, ...options].findLast(({ name }) => names.includes(name))?.value,
  };
}
