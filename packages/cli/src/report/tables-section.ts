import {
  formatCell,
  formatCounts,
  formatClassNotes,
  formatDataNotes,
  formatDifference,
  intervalNote,
  type ResultRow,
  type Table,
  type TableCell,
} from '@multichexnet/core';
import { tableName } from '../output/format-tables.js';
import { escapeText } from '../page/escape-text.js';
import { csv, download } from '../page/figure.js';
import { table } from '../page/table.js';
import type { ReportedRun } from './read-run.js';

/** Every table of the protocol beside the paper's numbers. */
export function tablesSection({
  tables,
  dataNotes,
  result,
  protocol,
}: Pick<ReportedRun, 'tables' | 'dataNotes' | 'result' | 'protocol'>): string {
  if (tables.length === 0) {
    const why =
      result === undefined
        ? 'The run is not finished: its tables come when it is gone on with (<code>--resume</code>).'
        : 'The run has no tables of its own; its metrics stand with the phases below.';
    return `<section id="tables"><h2>Tables</h2><p>${why}</p></section>`;
  }
  return `<section id="tables"><h2>Tables</h2>
${tables.map((one) => renderTable(one, dataNotes)).join('\n')}
<p class="small">${escapeText(intervalNote(protocol.seeds?.length))}${chanceNote(tables, protocol)}</p></section>`;
}

/** What p stands for, where there is one. */
function chanceNote(tables: readonly Table[], { seeds }: Pick<ReportedRun['protocol'], 'seeds'>): string {
  const tested = tables.some(({ rows }) =>
    rows.some(({ cells }) => Object.values(cells).some(({ paired }) => paired?.p !== undefined)),
  );
  if (!tested) return '';
  return ` p: two-sided, paired bootstrap over patients${seeds === undefined ? '' : ' and seeds'}, not adjusted for several comparisons: the answers above are.`;
}

function renderTable(one: Table, dataNotes: ReportedRun['dataNotes']): string {
  const columns = one.columns.filter((column) => one.rows.some(({ cells }) => cells[column] !== undefined));
  const rows = one.rows.map((row) => [
    [row.label, ...againstOf(row)].join('\n'),
    [row.datasets.join(' + '), ...(row.gate === undefined ? [] : [`${row.gate} gate`]), ...countsOf(row)].join('\n'),
    ...columns.map((column) => cellText(row.cells[column])),
  ]);
  const remarks = one.rows.flatMap(({ label, remark }) => (remark === undefined ? [] : [`${label}: ${remark}`]));
  const data = one.rows.flatMap((row) =>
    columns.flatMap((column) => {
      const cell = row.cells[column];
      if (cell === undefined) return [];
      const { value, low, high, images, patients, paper, paired } = cell;
      const difference = [paired?.against, paired?.difference, paired?.low, paired?.high, paired?.p];
      return [[row.label, row.datasets.join('+'), column, value, low, high, images, patients, paper, ...difference]];
    }),
  );
  const head = [...['row', 'data', 'metric', 'value', 'low', 'high', 'images', 'patients', 'paper'], ...DIFFERENCE];
  return `<h3>${escapeText(`${tableName(one.name)}: ${one.title}`)}</h3>
${table(['experiment', 'data', ...columns], rows, 'wide')}
${list([...remarks, ...formatClassNotes(one), ...formatDataNotes(one, dataNotes)])}
<p>${download(`${one.name}.csv`, 'text/csv', csv(head, data), 'this table (CSV)')}</p>`;
}

const DIFFERENCE = ['against', 'difference', 'difference low', 'difference high', 'p'];

function againstOf({ cells }: ResultRow): string[] {
  const against = Object.values(cells).find(({ paired }) => paired !== undefined)?.paired?.against;
  return against === undefined ? [] : [`difference to ${against}`];
}

function countsOf(row: ResultRow): string[] {
  const counts = formatCounts(row);
  return counts === '' ? [] : [counts];
}

function cellText(cell: TableCell | undefined): string {
  if (cell === undefined) return '';
  const difference = formatDifference(cell.paired);
  const parts = [
    formatCell(cell),
    ...(difference === '' ? [] : [difference]),
    ...(cell.paper === undefined ? [] : [`paper ${cell.paper}`]),
  ];
  return parts.map(whole).join('\n');
}

/** A number stays with its interval and p with its value: a line breaks between them, or after `paper`. */
function whole(text: string): string {
  return text.replaceAll(/ (?=\()|(?<=,) |(?<=\bp) /g, '\u00a0');
}

export function list(lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : `<ul class="notes">${lines.map((line) => `<li>${escapeText(line)}</li>`).join('')}</ul>`;
}
