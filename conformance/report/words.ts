/** How outcomes are called and shown, in every kind of document. */
import type { Result } from '../runner/results.js';
import type { Status } from './model.js';

interface Word {
  readonly mark: string;
  readonly text: string;
  /** Of the style. */
  readonly kind: 'pass' | 'fail' | 'known' | 'none';
}

export const words: Readonly<Record<Status, Word>> = {
  pass: { mark: '✓', text: 'passes', kind: 'pass' },
  fail: { mark: '✗', text: 'fails', kind: 'fail' },
  'unexpected pass': { mark: '!', text: 'passes unexpectedly', kind: 'fail' },
  'expected failure': { mark: '✗', text: 'is known to fail', kind: 'known' },
  'not testable': { mark: '○', text: 'not testable here', kind: 'none' },
  'not run': { mark: '–', text: 'not run', kind: 'none' },
};

/** As they are counted. */
export const counted = [
  'pass',
  'fail',
  'unexpected pass',
  'expected failure',
  'not testable',
] as const;

const longest = 1500;

/** Failures may quote whole reports. */
export const cut = (text: string): string =>
  text.length > longest ? `${text.slice(0, longest)} …` : text;

/** Why a result is what it is, without how it failed. */
export const reasonOf = ({ outcome, reason }: Result): string =>
  outcome === 'fail' ? 'Nobody has explained it yet' : (reason ?? '');

/** What was found instead of what is demanded. */
export const foundBy = ({ outcome, reason, failure }: Result): string =>
  cut((outcome === 'fail' ? reason : failure) ?? '').trim();
