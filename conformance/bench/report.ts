import type { ByLane, Figures, Results } from './figures.js';
import type { Judgement } from './goals.js';
import { floorName, own } from './lanes.js';
import { limitsTried } from './limits.js';
import type { Waiting } from './memory.js';
import type { Scaling } from './scale.js';
import { type Cell, markdownTable, ratioText } from './table.js';
import { type RowName, rowTitles } from './tasks.js';

type Figure = (figures: Figures) => number;

const milliseconds: Figure = (figures) => figures.milliseconds.median;
const processor: Figure = (figures) => figures.processor.median;
const peakMegabytes: Figure = (figures) => figures.peakKilobytes.median / 1024;

/** Names of columns: ours, the others, and our share of each. */
function header(first: string, lanes: readonly string[]): readonly string[] {
  return [first, ...lanes, ...comparedWith(lanes).map((name) => `${own}/${name}`)];
}

function comparedWith(lanes: readonly string[]): readonly string[] {
  return lanes.includes(own) ? lanes.filter((name) => name !== own) : [];
}

function row(title: string, lanes: readonly string[], values: ByLane<number | undefined>): Cell[] {
  const ours = values[own];
  const ratios = comparedWith(lanes).map((name) => {
    return ours === undefined ? undefined : ratioText(ours, values[name]);
  });
  return [title, ...lanes.map((name) => values[name]), ...ratios];
}

export function timeTable(lanes: readonly string[], results: Results): string {
  return commandTable('median time, ms', lanes, results, milliseconds);
}

export function peakTable(lanes: readonly string[], results: Results): string {
  return commandTable('peak memory, MB', lanes, results, peakMegabytes);
}

function commandTable(
  title: string,
  lanes: readonly string[],
  results: Results,
  figure: Figure,
): string {
  const rows = Object.entries(results).map(([name, byLane]) => {
    return row(rowTitles[name as RowName], lanes, mapLanes(byLane, figure));
  });
  return markdownTable(header(title, lanes), rows);
}

export function waitingTable(lanes: readonly string[], waiting: ByLane<Waiting>): string {
  const names = lanes.filter((name) => name !== floorName);
  const figure = (name: keyof Waiting) => {
    return row(
      name,
      names,
      mapLanes(waiting, (figures) => figures[name]),
    );
  };
  const rows = [figure('resident'), figure('proportional'), figure('private')];
  return markdownTable(header('waiting init, KB', names), rows);
}

export function limitTable(limits: ByLane<readonly number[]>): string {
  const names = Object.keys(limits);
  const rows = limitsTried.map((limit) => {
    const cells = names.map((name) => (limits[name]?.includes(limit) ? 'runs' : 'fails'));
    return [`${limit} KB`, ...cells];
  });
  return markdownTable(['memory limit', ...names], rows);
}

export function scaleTable(lanes: readonly string[], { alone, among }: Scaling, others: number) {
  const names = lanes.filter((name) => name !== floorName);
  const of = (results: Results, row: RowName, name: string, figure: Figure) => {
    const figures = results[row]?.[name];
    return figures && figure(figures);
  };
  const rows = names.map((name): Cell[] => {
    const [first, later] = [alone, among].map((each) => of(each, 'cycle', name, milliseconds));
    const lists = [alone, among].map((each) => of(each, 'list', name, processor));
    return [
      name,
      first,
      later,
      later === undefined ? undefined : ratioText(later, first),
      ...lists,
    ];
  });
  const listed = ['list of 1, processor', `of ${others + 1}`];
  const head = ['median, ms', 'create + delete alone', `among ${others}`, 'ratio', ...listed];
  return markdownTable(head, rows);
}

const verdict = (met: boolean | undefined) => {
  if (met === undefined) return 'not measured';
  return met ? 'met' : 'missed';
};

export function goalTable(judgements: readonly Judgement[]): string {
  const rows = judgements.map(({ text, limit, measured, met }) => {
    return [text, `≤ ${limit}`, figureText(measured), verdict(met)];
  });
  return markdownTable(['goal', 'at most', 'measured', ''], rows);
}

/** Ratios need decimals; kilobytes have none. */
function figureText(value: number | undefined): string | undefined {
  return Number.isInteger(value) ? String(value) : value?.toFixed(2);
}

function mapLanes<T, U>(lanes: ByLane<T>, convert: (value: T) => U): ByLane<U> {
  return Object.fromEntries(Object.entries(lanes).map(([name, value]) => [name, convert(value)]));
}
