import type { ContainerState } from './context.js';

/**
 * How `list` prints. The row of a container depends on it alone and on a layout, as widths of
 * columns are, so that rows can be kept for the next list as long as the layout is the same.
 */
export interface RowFormat {
  /** Of the file in which its rows are kept. */
  readonly name: string;
  /** What a layout has to know of each: short, and the same of many. */
  shapesOf(states: readonly ContainerState[]): readonly string[];
  layoutOf(shapes: ReadonlySet<string>): string;
  rowsOf(states: readonly ContainerState[], layout: string): readonly string[];
}

export interface Rows {
  readonly layout: string;
  readonly rows: readonly string[];
}

export function rowsOf(format: RowFormat, states: readonly ContainerState[]): Rows {
  const layout = format.layoutOf(new Set(format.shapesOf(states)));
  return { layout, rows: format.rowsOf(states, layout) };
}
