export type Keyword = 'MUST' | 'MUST NOT' | 'SHALL' | 'SHALL NOT' | 'SHOULD' | 'SHOULD NOT';

/** Where the specification says something. */
export interface Place {
  /** `config.md`. */
  readonly file: string;
  /** The nearest one above. */
  readonly heading: string;
}

/** One sentence of the specification that demands something. */
export interface Statement extends Place {
  /** `config/root/2`: document, heading, and which under it. */
  readonly id: string;
  /** The first one of the sentence. */
  readonly keyword: Keyword;
  /** Of the sentence ({@link digestOf}), so that a change of the specification is noticed. */
  readonly digest: string;
  /** What is demanded, in our words. */
  readonly says: string;
  /** Why no test can tell whether a runtime does it; only where there is none. */
  readonly untestable?: string;
}

/** Keyword, digest, what it says, and why there is no test if there is none. */
export type Row = readonly [Keyword, string, string, string?];

export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** The statements of a document, by heading, in its order. */
export const statementsOf = (
  file: string,
  headings: Readonly<Record<string, readonly Row[]>>,
): Statement[] =>
  Object.entries(headings).flatMap(([heading, rows]) =>
    rows.map(([keyword, digest, says, untestable], index) => ({
      id: `${file.replace('.md', '')}/${slugOf(heading)}/${index + 1}`,
      file,
      heading,
      keyword,
      digest,
      says,
      ...(untestable === undefined ? {} : { untestable }),
    })),
  );
