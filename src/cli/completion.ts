/** Completion scripts for bash and zsh, written from the rows when the program is built. */
import type { ArgumentRow, CommandRow, OptionRow } from './command.js';
import { globalOptions } from './options.js';
import { programName, rows } from './rows.js';

/** Options before the command have no command. */
interface Scope {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionRow[];
  readonly arguments: readonly ArgumentRow[];
}

const commands: readonly CommandRow[] = Object.values(rows);
const names = commands.map(({ name }) => name).join(' ');

function scopes(): Scope[] {
  const help = globalOptions.filter(({ name }) => name === 'help');
  const own = commands.map((row) => ({ ...row, options: [...row.options, ...help] }));
  return [{ name: '', summary: '', options: globalOptions, arguments: [] }, ...own];
}

/** `--bundle`, `-b` */
const spellings = ({ name, alias }: OptionRow): string[] =>
  alias === undefined ? [`--${name}`] : [`--${name}`, `-${alias}`];

const withValue = ({ options }: Scope): OptionRow[] =>
  options.filter(({ kind }) => kind !== 'flag');

export function bashCompletion(): string {
  return `# bash completion for ${programName}
_${programName}() {
  local valued=' ${scopes().flatMap(bashValued).join(' ')} '
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' count=0 root=() at i
  [[ $word == = ]] && word=''
  [[ $previous == = ]] && previous=\${COMP_WORDS[COMP_CWORD - 2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    at=\${COMP_WORDS[i]}
    if [[ $valued == *" $command:$at "* ]]; then
      [[ \${COMP_WORDS[i + 1]} == = ]] && ((i++))
      ((i++))
      [[ $at == --root ]] && root=(--root "\${COMP_WORDS[i]}")
    elif [[ $at != -* && -z $command ]]; then
      command=$at
    elif [[ $at != -* ]]; then
      ((count++))
    fi
  done
  if [[ $valued == *" $command:$previous "* ]]; then
    case $command:$previous in
${scopes().flatMap(bashValues).join('\n')}
    esac
  elif [[ $word == -* ]]; then
    case $command in
${scopes().map(bashOptions).join('\n')}
    esac
  else
    case $command:$count in
      :*) COMPREPLY=($(compgen -W '${names}' -- "$word")) ;;
${scopes().flatMap(bashArguments).join('\n')}
    esac
  fi
}
complete -F _${programName} ${programName}
`;
}

const bashValued = (scope: Scope): string[] =>
  withValue(scope).flatMap((option) => spellings(option).map((word) => `${scope.name}:${word}`));

function bashValues(scope: Scope): string[] {
  return withValue(scope).flatMap((option) => {
    const words = spellings(option).map((word) => `${scope.name}:${word}`);
    const reply = bashValue(option);
    return reply === undefined ? [] : [`      ${words.join(' | ')}) ${reply} ;;`];
  });
}

function bashValue({ value, choices }: OptionRow): string | undefined {
  if (choices !== undefined) return `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word"))`;
  if (value === 'DIR') return 'compopt -o filenames; COMPREPLY=($(compgen -d -- "$word"))';
  if (value === 'PATH') return 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$word"))';
  return undefined;
}

const bashOptions = ({ name, options }: Scope): string =>
  `      ${name || "''"}) COMPREPLY=($(compgen -W '${options.flatMap(spellings).join(' ')}' -- "$word")) ;;`;

const bashArguments = (scope: Scope): string[] =>
  scope.arguments.flatMap(({ shown }, i) => {
    const source = bashSource[shown];
    const reply = `COMPREPLY=($(compgen ${source} -- "$word"))`;
    return source === undefined ? [] : [`      ${scope.name}:${i}) ${reply} ;;`];
  });

/** Where the words for an argument come from; nobody knows the id of a new container. */
const bashSource: Readonly<Record<string, string>> = {
  'container-id': `-W "$(${programName} "\${root[@]}" list --quiet 2>/dev/null)"`,
  signal: '-A signal',
  command: `-W '${names}'`,
};

export function zshCompletion(): string {
  return `#compdef ${programName}
_${programName}_containers() {
  local root=()
  [[ -n \${opt_args[--root]} ]] && root=(--root \${opt_args[--root]})
  compadd -- \${(f)"$(${programName} $root list --quiet 2>/dev/null)"}
}
_${programName}() {
  local state context line
  local -A opt_args
  local commands=(
${commands.map(({ name, summary }) => `    '${zshText(name)}:${zshText(summary)}'`).join('\n')}
  )
  _arguments -C \\
${globalOptions.flatMap(zshOption).join('')}    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${scopes().slice(1).map(zshCommand).join('')}      esac
      ;;
  esac
}
_${programName} "$@"
`;
}

const zshCommand = (scope: Scope): string => `        ${scope.name})
          _arguments \\
${scope.options
  .flatMap(zshOption)
  .map((line) => `      ${line}`)
  .join('')}${scope.arguments.map(zshArgument).join('')}            && return 0
          ;;
`;

const zshOption = (option: OptionRow): string[] =>
  spellings(option).map(
    (word) =>
      `    '${word}${zshEquals(option, word)}[${zshText(option.summary)}]${zshValue(option)}' \\\n`,
  );

/** A long option takes its value after a blank or an equals sign, a letter after a blank. */
const zshEquals = ({ kind }: OptionRow, word: string): string =>
  kind !== 'flag' && word.startsWith('--') ? '=' : '';

function zshValue({ kind, value = '', choices }: OptionRow): string {
  if (kind === 'flag') return '';
  const name = value.toLowerCase();
  if (choices !== undefined) return `:${name}:(${choices.join(' ')})`;
  return `:${name}:${value === 'DIR' ? '_files -/' : value === 'PATH' ? '_files' : ''}`;
}

const zshArgument = ({ shown, rest }: ArgumentRow, i: number): string =>
  `            '${rest === true ? '*' : i + 1}:${shown}:${zshSource[shown] ?? ''}' \\\n`;

const zshSource: Readonly<Record<string, string>> = {
  'container-id': `_${programName}_containers`,
  signal: '_signals',
  command: `(${names})`,
};

/** Inside single quotes, where a bracket or a colon would end a part. */
const zshText = (text: string): string => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, '\\$&');
