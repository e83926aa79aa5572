import {
  formatCell,
  formatClassNotes,
  formatCounts,
  formatDataNotes,
  formatDifference,
  formatGain,
  intervalNote,
  MEDICAL_NOTE,
  type MultiTaskGain,
  type ResultRow,
  type Table,
  type TableCell,
} from '@multichexnet/core';
import { columns, wrap, type Style } from './style.js';

export interface TableText {
  readonly style: Style;
  /** Of phases with several tasks over their baselines. */
  readonly gains?: readonly MultiTaskGain[];
  /** What the numbers stand for. */
  readonly note?: string;
  /** Dataset -> what its own README says that it is and is not. */
  readonly dataNotes?: Readonly<Record<string, readonly string[]>>;
}

/** One line a metric: what was measured, the difference to the row it is paired with, and the paper's number. Fits 80 columns. */
export function formatTables(
  tables: readonly Table[],
  { style, gains = [], note, dataNotes = {} }: TableText,
): string[] {
  if (tables.length === 0) return [wrap(MEDICAL_NOTE, style.width)];
  return [
    ...tables.flatMap((table) => [...formatTable(table, style), '']),
    ...formatGains(gains, style),
    ...formatDataNotes({ rows: tables.flatMap((table) => table.rows) }, dataNotes).map((line) =>
      wrap(line, style.width),
    ),
    ...formatNotes(note, style, tables[0]?.seeds),
  ];
}

/** A line for every phase of several tasks whose baselines the run has. */
function formatGains(gains: readonly MultiTaskGain[], style: Style): string[] {
  const told = gains.filter(({ value }) => value !== undefined);
  if (told.length === 0) return [];
  const rows = told.map((gain) => [`    ${gain.phase}`, formatGain(gain)]);
  const note = 'Multi-task gain (Delta m) over phases of this run that train each task alone for as many steps';
  return [style.bold(wrap(note, style.width)), ...columns(rows), ''];
}

/** What a reader must know of every number above. */
export function formatNotes(note: string | undefined, style: Style, seeds?: number): string[] {
  return [intervalNote(seeds), ...(note === undefined ? [] : [note.trim()]), MEDICAL_NOTE].map((text) =>
    wrap(text, style.width),
  );
}

function formatTable(table: Table, style: Style): string[] {
  const metricRows = table.rows.map((row) =>
    table.columns.flatMap((column) => {
      const cell = row.cells[column];
      return cell === undefined ? [] : [metricRow(column, cell)];
    }),
  );
  const hasPaper = metricRows.flat().some((row) => row[3] !== '');
  const heading = ['    ', 'measured', 'difference', hasPaper ? 'paper' : ''];
  const [top = '', ...lines] = columns([heading, ...metricRows.flat()]);
  let at = 0;
  return [
    style.bold(wrap(`${tableName(table.name)}  ${table.title}`, style.width)),
    ...(top.length <= style.width ? [style.dim(top)] : []),
    ...table.rows.flatMap((row, i) => {
      const count = metricRows[i]?.length ?? 0;
      const own = lines.slice(at, (at += count));
      return [
        wrap(rowHeading(row), style.width, '  '),
        ...(own.every((line) => line.length <= style.width) ? own : narrow(metricRows[i] ?? [])),
        ...(row.remark === undefined ? [] : [style.dim(wrap(row.remark.trim(), style.width, '      '))]),
      ];
    }),
    ...formatClassNotes(table).map((line) => style.dim(wrap(line, style.width, '  '))),
  ];
}

function rowHeading(row: ResultRow): string {
  const { label, datasets, cells } = row;
  const against = Object.values(cells).find(({ paired }) => paired !== undefined)?.paired?.against;
  const counts = formatCounts(row);
  return `${label}, ${datasets.join(' + ')}${counts === '' ? '' : `, ${counts}`}${against === undefined ? '' : `; difference to ${against}`}`;
}

function metricRow(column: string, cell: TableCell): string[] {
  return [`    ${column}`, formatCell(cell), formatDifference(cell.paired), cell.paper ?? ''];
}

/** `Table 1` of `table1`. */
export function tableName(name: string): string {
  const number = /^table(\d+)$/.exec(name)?.[1];
  return number === undefined ? name : `Table ${number}`;
}

/** Below each other where the columns are too wide. */
function narrow(rows: readonly (readonly string[])[]): string[] {
  return rows.flatMap(([metric = '', measured = '', difference = '', paper = '']) => [
    `${metric}  ${measured}`,
    ...(difference === '' ? [] : [`    against: ${difference}`]),
    ...(paper === '' ? [] : [`    paper:   ${paper}`]),
  ]);
}
