import { type MountExtension, type MountWord, mountWords } from '../linux/mount-options.js';
import type { Attributes } from './plan.js';

/** What the option words of a mount come to. */
export interface MountOptions {
  attributes: Attributes;
  recursive: Attributes;
  propagation: { type: number; recursive: boolean }[];
  bind: 'bind' | 'rbind' | null;
  remount: boolean;
  /** For the file system, fsconfig(2). */
  config: [string, string | null][];
  /** The same as they were written, but for words that every file system takes. */
  data: string[];
  /** What is asked for beyond mount(2): the index of the word, and what follows its equals sign. */
  extensions: Partial<Record<MountExtension, ExtensionWord>>;
}

export interface ExtensionWord {
  readonly index: number;
  readonly value: string | null;
}

const none: Attributes = { set: 0, clear: 0 };
export const noExtensions: MountOptions['extensions'] = {};

/** A later word wins over an earlier one. */
const merge = (before: Attributes, { set = 0, clear = 0 }: MountWord): Attributes => ({
  set: (before.set & ~clear) | set,
  clear: (before.clear & ~set) | clear,
});

function readOther(options: MountOptions, word: string, index: number): void {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? null : word.slice(equals + 1);
  if (value !== null && (name === 'idmap' || name === 'ridmap')) {
    options.extensions = { ...options.extensions, [name]: { index, value } };
    return;
  }
  options.data.push(word);
  options.config.push([name, value]);
}

function readWord(options: MountOptions, word: string, index: number): void {
  const meaning = Object.hasOwn(mountWords, word) ? mountWords[word] : undefined;
  if (meaning === undefined) {
    readOther(options, word, index);
  } else if (meaning.propagation !== undefined) {
    options.propagation.push({ type: meaning.propagation, recursive: meaning.recursive === true });
  } else if (meaning.flag !== undefined) {
    options.config.push([meaning.flag, null]);
  } else if (meaning.extension !== undefined) {
    const { extension } = meaning;
    options.extensions = { ...options.extensions, [extension]: { index, value: null } };
  } else if (meaning.recursive) {
    options.recursive = merge(options.recursive, meaning);
  } else if (meaning.set !== undefined) {
    options.attributes = merge(options.attributes, meaning);
  }
  options.bind = meaning?.bind ?? options.bind;
  options.remount ||= meaning?.remount === true;
}

export function readOptions(words: readonly string[]): MountOptions {
  const options: MountOptions = {
    attributes: none,
    recursive: none,
    propagation: [],
    bind: null,
    remount: false,
    config: [],
    data: [],
    extensions: noExtensions,
  };
  for (let i = 0; i < words.length; i++) if (words[i] !== '') readWord(options, words[i]!, i);
  return options;
}
