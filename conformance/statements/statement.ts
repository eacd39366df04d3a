export type Keyword = 'MUST' | 'MUST NOT' | 'SHALL' | 'SHALL NOT' | 'SHOULD' | 'SHOULD NOT';

/** Where the specification says something. */
export interface Place {
  /** `config.md`. */
  readonly file: string;
  /** The nearest one above. */
  readonly heading: string;
}

/** Something that is demanded of a runtime. */
export interface Statement extends Place {
  /** `config/root/2`: document, heading, and which under it. */
  readonly id: string;
  readonly keyword: Keyword;
  /** What is demanded, in our words. */
  readonly says: string;
  /** Why no test can tell whether a runtime does it; only where there is none. */
  readonly untestable?: string;
}

/** One sentence of the specification, whose first keyword it has. */
export interface Sentence extends Statement {
  /** Of its text ({@link digestOf}), so that a change of the specification is noticed. */
  readonly digest: string;
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
): Sentence[] =>
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
