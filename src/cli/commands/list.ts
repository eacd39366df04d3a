import { unknownFormat } from '../../errors/catalog.js';
import { writeText } from '../../host/io.js';
import type { ContainerState } from '../../runtime/context.js';
import { listContainers } from '../../runtime/list.js';
import { action } from '../command.js';
import { rows } from '../rows.js';
import { STDOUT } from '../streams.js';
import { printed } from './state.js';

type Format = (containers: readonly ContainerState[]) => string;

const ids: Format = (containers) => containers.map(({ id }) => `${id}\n`).join('');

/** Go prints an absent list as null; every caller knows that. */
const json: Format = (containers) =>
  `${containers.length === 0 ? 'null' : JSON.stringify(containers.map(printed))}\n`;

type Line = readonly string[];

const header: Line = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];

const lineOf = ({ id, pid, status, bundle, created, owner }: ContainerState): Line => [
  id,
  String(pid),
  status,
  bundle,
  created,
  owner,
];

/** Of what is padded only paths may hold characters of two code units, and hardly any does. */
const measureFor = (containers: readonly ContainerState[]): Measure =>
  pair.test(containers.map(({ bundle }) => bundle).join('')) ? inCharacters : inUnits;

const table: Format = (containers) =>
  alignColumns([header, ...containers.map(lineOf)], measureFor(containers));

const formats: Readonly<Record<string, Format>> = { json, table };

export const list = action(rows.list, (context, { format = 'table', quiet }) => {
  const print = quiet === true ? ids : Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (print === undefined) throw unknownFormat();
  writeText(context, STDOUT, print(listContainers(context)));
  return 0;
});

const pair = /[\ud800-\udbff][\udc00-\udfff]/;

type Measure = (cell: string) => number;

const inUnits: Measure = (cell) => cell.length;
const inCharacters: Measure = (cell) => [...cell].length;

function widthOf(lines: readonly Line[], column: number, lengthOf: Measure): number {
  let width = 12;
  for (const line of lines) {
    const needed = lengthOf(line[column]!) + 3;
    if (needed > width) width = needed;
  }
  return width;
}

/** Columns at least 12 wide, three blanks between them, nothing after the last. */
function alignColumns(lines: readonly Line[], lengthOf: Measure): string {
  const last = header.length - 1;
  const widths = header.map((_, column) =>
    column === last ? 0 : widthOf(lines, column, lengthOf),
  );
  // Put together row by row: a text that grows is copied again and again.
  const row = (line: Line): string => {
    const padded = line.slice(0, last).map((cell, column) => {
      return cell.padEnd(widths[column]! - lengthOf(cell) + cell.length);
    });
    return `${padded.join('')}${line[last]!}\n`;
  };
  return lines.map(row).join('');
}
