import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../native/setup/paths.js';
import type { Schema } from '../../spec-schemas/bundle.js';
import { bundles } from '../../spec-schemas/compile.js';

/** A list of many different things to do, so that each word counts as a field of its own. */
const byWord = '/linux/namespaces/*/type';

/** Every field of config.json that holds a value, as a JSON pointer with `*` for any member. */
export function schemaFields(): string[] {
  const { config } = bundles();
  const below = (schema: Schema, at: string): string[] => {
    const { properties, items, additionalProperties, ...rest } =
      schema.$ref === undefined ? schema : config.definitions[schema.$ref.split('/').at(-1)!]!;
    if (properties !== undefined)
      return Object.entries(properties).flatMap(([name, each]) => below(each, `${at}/${name}`));
    const member = items ?? additionalProperties;
    if (member !== undefined) return below(member, `${at}/*`);
    return at === byWord ? rest.enum!.map((word) => `${at}: ${word}`) : [at];
  };
  return below(config, '');
}

export interface FieldRow {
  /** The first cell; braces hold alternatives. */
  readonly text: string;
  readonly fields: readonly string[];
  /** Files that apply the field; none when it is refused or ignored. */
  readonly files: readonly string[];
  readonly refused?: string;
  readonly ignored?: string;
  readonly proofs: readonly { readonly file: string; readonly name: string }[];
}

/** `a/{b,c}` is `a/b` and `a/c`. */
export function expand(text: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(text);
  if (match === null) return [text];
  const [, before = '', words = '', after = ''] = match;
  return words.split(',').flatMap((word) => expand(`${before}${word}${after}`));
}

const linked = (cell: string): string[] =>
  [...cell.matchAll(/\]\(\.\.\/([^)]*)\)/g)].map(([, path = '']) => path);

const after = (cell: string, word: string): string | undefined =>
  cell.startsWith(`${word}: `) ? cell.slice(word.length + 2) : undefined;

function rowOf(line: string): FieldRow {
  const [, text = '', by = '', proof = ''] = /^\| `(.*?)` \| (.*?) \| (.*) \|$/.exec(line) ?? [];
  const refused = after(by, 'refused');
  const ignored = after(by, 'ignored');
  return {
    text,
    fields: expand(text),
    files: linked(by),
    ...(refused !== undefined && { refused }),
    ...(ignored !== undefined && { ignored }),
    proofs: [...proof.matchAll(/\]\(\.\.\/([^)]*)\) "([^"]*)"/g)].map(
      ([, file = '', name = '']) => ({ file, name }),
    ),
  };
}

/** The rows of docs/fields.md. */
export const documentedFields = (): FieldRow[] =>
  readFileSync(join(root, 'docs/fields.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map(rowOf);
