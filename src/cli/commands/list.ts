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

const header = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];

const table: Format = (containers) =>
  alignColumns([
    header,
    ...containers.map(({ id, pid, status, bundle, created, owner }) => [
      id,
      String(pid),
      status,
      bundle,
      created,
      owner,
    ]),
  ]);

const formats: Readonly<Record<string, Format>> = { json, table };

export const list = action(rows.list, (context, { format = 'table', quiet }) => {
  const print = quiet === true ? ids : Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (print === undefined) throw unknownFormat();
  writeText(context, STDOUT, print(listContainers(context)));
  return 0;
});

/** Columns at least 12 wide, three blanks between them, nothing after the last. */
function alignColumns(lines: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(12, ...lines.map((line) => [...line[column]!].length + 3)),
  );
  const pad = (cell: string, column: number): string =>
    column === header.length - 1 ? cell : cell + ' '.repeat(widths[column]! - [...cell].length);
  return lines.map((line) => `${line.map(pad).join('')}\n`).join('');
}
