/** Finds the normative statements of a document of the specification. */
import { createHash } from 'node:crypto';
import type { Keyword, Place } from './statement.js';

const keywords = /\b(MUST|SHALL|SHOULD)( NOT)?\b/;

/** RFC 2119 itself and what explains it say nothing of a runtime. */
const explains = /key words "MUST"/;

interface Block {
  readonly heading: string;
  readonly text: string;
}

const headingOf = (line: string): string | undefined =>
  /^#+ (?:<a [^>]*><\/a>|<a [^>]*\/>)?\s*(.+)$/.exec(line)?.[1]?.trim();

/** A list item, a row of a table, a definition of a link, an empty line. */
const startsBlock = (line: string): boolean => /^\s*([*+-] |\d+\. |\[[^\]]*\]:|$)| \| /.test(line);

/** Paragraphs and list items, each in one line; code is left out. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let [heading, text, inCode] = ['', '', false];
  const end = () => {
    if (text.trim() !== '') blocks.push({ heading, text: text.replace(/\s+/g, ' ').trim() });
    text = '';
  };
  for (const line of markdown.split('\n')) {
    if (/^\s*```/.test(line)) inCode = !inCode;
    const next = inCode ? undefined : headingOf(line);
    if (inCode || next !== undefined || startsBlock(line)) end();
    if (next !== undefined) heading = next;
    else if (!inCode) text += ` ${line}`;
  }
  end();
  return blocks;
}

/** A full stop, then something that starts a sentence; not after the short forms in use. */
const sentencesOf = (text: string): string[] =>
  text.split(/(?<=[.:]|\.\))(?<!e\.g\.|i\.e\.|etc\.|vs\.)\s+(?=[A-Z`*[(])/);

/** What identifies a sentence, whatever becomes of its links and line ends. */
export const digestOf = (sentence: string): string =>
  createHash('sha256')
    .update(sentence.replace(/\]\([^)]*\)|[^A-Za-z0-9.]/g, ''))
    .digest('hex')
    .slice(0, 12);

export interface Found extends Place {
  readonly keyword: Keyword;
  readonly digest: string;
  readonly sentence: string;
}

/** Every sentence of a document that says MUST, SHALL or SHOULD, in order. */
export const statementsIn = (file: string, markdown: string): Found[] =>
  blocksOf(markdown).flatMap(({ heading, text }) =>
    sentencesOf(text).flatMap((sentence) => {
      const keyword = keywords.exec(sentence)?.[0] as Keyword | undefined;
      if (keyword === undefined || explains.test(sentence)) return [];
      return [{ file, heading, keyword, digest: digestOf(sentence), sentence }];
    }),
  );
