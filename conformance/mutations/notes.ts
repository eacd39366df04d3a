/** What the wrapper tells whoever runs it: a letter in a file for each call. */

/** A changed configuration that `create` does not take breaks more than the one behaviour. */
export type Note = 'broken' | 'refused';

const letters: Readonly<Record<Note, string>> = { broken: 'b', refused: 'r' };

export const wordFor = (note: Note): string => letters[note];

export const hasNote = (text: string, note: Note): boolean => text.includes(letters[note]);
