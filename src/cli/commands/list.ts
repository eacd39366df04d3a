import { unknownFormat } from '../../errors/catalog.js';
import { writeText } from '../../host/io.js';
import type { ContainerState } from '../../runtime/context.js';
import { listRows } from '../../runtime/list.js';
import type { RowFormat, Rows } from '../../runtime/rows.js';
import { action } from '../command.js';
import { rows } from '../rows.js';
import { STDOUT } from '../streams.js';
import { printed } from './state.js';

interface Format extends RowFormat {
  print(rows: Rows): string;
}

/** Rows that do not know of each other. */
const alone = (rowOf: (container: ContainerState) => string): Omit<Format, 'name' | 'print'> => ({
  shapesOf: () => [],
  layoutOf: () => '',
  rowsOf: (containers) => containers.map(rowOf),
});

const ids: Format = {
  name: 'ids',
  ...alone(({ id }) => `${id}\n`),
  print: ({ rows }) => rows.join(''),
};

/** Go prints an absent list as null; every caller knows that. */
const json: Format = {
  name: 'json',
  ...alone((container) => JSON.stringify(printed(container))),
  print: ({ rows }) => (rows.length === 0 ? 'null\n' : `[${rows.join(',')}]\n`),
};

/** Columns at least 12 wide, three blanks between them, nothing after the last. */
const MARGIN = 3;
const NARROWEST = 12;

/** Those that may be wider: of id, bundle and time. */
const layoutOf = (shapes: ReadonlySet<string>): string => {
  const widths = [NARROWEST, NARROWEST, NARROWEST];
  for (const shape of shapes)
    shape.split(' ').forEach((length, i) => {
      widths[i] = Math.max(widths[i]!, Number(length) + MARGIN);
    });
  return widths.join(' ');
};

const pair = /[\ud800-\udbff][\udc00-\udfff]/;

type Measure = (cell: string) => number;

const inUnits: Measure = (cell) => cell.length;
const inCharacters: Measure = (cell) => [...cell].length;

/** Of what is padded only paths may hold characters of two code units, and hardly any does. */
const measureFor = (containers: readonly ContainerState[]): Measure =>
  pair.test(containers.map(({ bundle }) => bundle).join('')) ? inCharacters : inUnits;

const table: Format = {
  name: 'table',
  shapesOf(containers) {
    const lengthOf = measureFor(containers);
    return containers.map(
      ({ id, bundle, created }) => `${id.length} ${lengthOf(bundle)} ${created.length}`,
    );
  },
  layoutOf,
  rowsOf(containers, layout) {
    const [wide = 0, path = 0, time = 0] = layout.split(' ').map(Number);
    const lengthOf = measureFor(containers);
    return containers.map(({ id, pid, status, bundle, created, owner }) => {
      const place = bundle.padEnd(path - lengthOf(bundle) + bundle.length);
      const process = `${String(pid).padEnd(NARROWEST)}${status.padEnd(NARROWEST)}`;
      return `${id.padEnd(wide)}${process}${place}${created.padEnd(time)}${owner}\n`;
    });
  },
  print({ layout, rows }) {
    const [wide = 0, path = 0, time = 0] = layout.split(' ').map(Number);
    const process = `${'PID'.padEnd(NARROWEST)}${'STATUS'.padEnd(NARROWEST)}`;
    const head = `${'ID'.padEnd(wide)}${process}${'BUNDLE'.padEnd(path)}${'CREATED'.padEnd(time)}`;
    return [`${head}OWNER\n`, ...rows].join('');
  },
};

const formats: Readonly<Record<string, Format>> = { json, table };

export const list = action(rows.list, (context, { format = 'table', quiet }) => {
  const chosen =
    quiet === true ? ids : Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (chosen === undefined) throw unknownFormat();
  writeText(context, STDOUT, chosen.print(listRows(context, chosen)));
  return 0;
});
