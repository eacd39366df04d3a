/** A cell: text as it is, figures with one decimal, nothing for what was not measured. */
export type Cell = string | number | undefined;

const absent = '–';

/** A table that reads well on a terminal and is Markdown. The first column holds words. */
export function markdownTable(header: readonly string[], rows: readonly (readonly Cell[])[]) {
  const lines = [header, ...rows.map((row) => row.map(cellText))];
  const widths = header.map((_, column) => {
    return Math.max(...lines.map((line) => line[column]?.length ?? 0), 3);
  });
  const rule = widths.map((width, column) => ruleText(width, column));
  const [head, ...body] = lines.map((line) => lineText(line, widths));
  return [head, `|${rule.join('|')}|`, ...body].join('\n');
}

/** Two digits that mean something: what differs in the third is noise. */
export function ratioText(value: number, rival: number | undefined): string | undefined {
  if (rival === undefined || rival === 0) return undefined;
  return (value / rival).toFixed(2);
}

function cellText(cell: Cell): string {
  if (cell === undefined) return absent;
  return typeof cell === 'number' ? cell.toFixed(1) : cell;
}

function lineText(cells: readonly string[], widths: readonly number[]): string {
  const padded = widths.map((width, column) => {
    const text = cells[column] ?? absent;
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  });
  return `| ${padded.join(' | ')} |`;
}

function ruleText(width: number, column: number): string {
  return column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`;
}
