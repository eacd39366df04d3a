import type { Keyword, Statement } from '../statements/statement.js';

/** Keyword, what is demanded, and why there is no test if there is none. */
export type Clause = readonly [Keyword, string, string?];

/** The clauses of a chapter, by heading and name: `command-line/one-dash`. */
export const clausesOf = (
  file: string,
  headings: Readonly<Record<string, Readonly<Record<string, Clause>>>>,
): Statement[] =>
  Object.entries(headings).flatMap(([heading, clauses]) =>
    Object.entries(clauses).map(([name, [keyword, says, untestable]]) => ({
      id: `${file}/${name}`,
      file,
      heading,
      keyword,
      says,
      ...(untestable === undefined ? {} : { untestable }),
    })),
  );
