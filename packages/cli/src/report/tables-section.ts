import {
  formatCell,
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

/** Every table of the protocol beside the paper's numbers, and what was asked by pairing rows. */
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
<p class="small">${escapeText(intervalNote(protocol.seeds?.length))} p: two-sided, paired bootstrap over patients${protocol.seeds === undefined ? '' : ' and seeds'}, not adjusted for several comparisons.</p></section>`;
}

/** Which rows were to be compared, and what came of it. */
export function answersSection({ tables }: Pick<ReportedRun, 'tables'>): string {
  const rows = tables.flatMap((one) =>
    one.rows.flatMap((row) =>
      one.columns.flatMap((column) => {
        const paired = row.cells[column]?.paired;
        if (paired?.difference === undefined) return [];
        return [
          [
            one.title,
            `${row.label} against ${paired.against}`,
            column,
            verdict(paired),
            formatDifference(paired, 3),
            seedsOf(one),
          ],
        ];
      }),
    ),
  );
  if (rows.length === 0) return '';
  return `<section id="answers"><h2>What was asked, and what came of it</h2>
<p>Each line is one row of a table against another on the same test images. Nothing is said to differ whose 95 % interval holds 0.</p>
${table(['table', 'question', 'metric', 'answer', 'difference (95 % CI)', 'seeds'], rows)}</section>`;
}

function verdict({ low, high }: { readonly low?: number; readonly high?: number }): string {
  if (low === undefined || high === undefined) return 'no interval';
  return low > 0 ? 'higher' : high < 0 ? 'lower' : 'not told apart';
}

function seedsOf({ seeds = 1 }: Table): string {
  return String(seeds);
}

function renderTable(one: Table, dataNotes: ReportedRun['dataNotes']): string {
  const columns = one.columns.filter((column) => one.rows.some(({ cells }) => cells[column] !== undefined));
  const rows = one.rows.map((row) => [
    [row.label, ...againstOf(row)].join('\n'),
    `${row.datasets.join(' + ')}${row.gate === undefined ? '' : `\n${row.gate} gate`}`,
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
${table(['experiment', 'data', ...columns], rows)}
${list([...remarks, ...formatDataNotes(one, dataNotes)])}
<p>${download(`${one.name}.csv`, 'text/csv', csv(head, data), 'this table (CSV)')}</p>`;
}

const DIFFERENCE = ['against', 'difference', 'difference low', 'difference high', 'p'];

function againstOf({ cells }: ResultRow): string[] {
  const against = Object.values(cells).find(({ paired }) => paired !== undefined)?.paired?.against;
  return against === undefined ? [] : [`difference to ${against}`];
}

function cellText(cell: TableCell | undefined): string {
  if (cell === undefined) return '';
  const difference = formatDifference(cell.paired);
  return [
    formatCell(cell),
    ...(difference === '' ? [] : [difference]),
    ...(cell.paper === undefined ? [] : [`paper ${cell.paper}`]),
  ].join('\n');
}

export function list(lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : `<ul class="notes">${lines.map((line) => `<li>${escapeText(line)}</li>`).join('')}</ul>`;
}
