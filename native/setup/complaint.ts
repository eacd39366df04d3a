/** A failure that the reader can act upon: printed as it is, without a stack. */
export class Complaint extends Error {
  constructor(...lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'Complaint';
  }
}
