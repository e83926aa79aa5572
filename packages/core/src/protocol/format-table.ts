import type { Table, TableCell, TableRow } from './tables.js';
import type { ResolvedProtocol } from './resolve-protocol.js';

/** `0.47 (0.42, 0.52)`; `-` where the metric is not defined. */
export function formatCell({ value, low, high }: Pick<TableCell, 'value' | 'low' | 'high'>): string {
  if (value === undefined) return '-';
  const interval = low === undefined || high === undefined ? '' : ` (${low.toFixed(2)}, ${high.toFixed(2)})`;
  return `${value.toFixed(2)}${interval}`;
}

/** `+0.06 (0.01, 0.11) p 0.030 vs Baseline detection` */
export function formatPaired({ paired }: TableCell): string {
  if (paired?.difference === undefined) return '';
  const sign = paired.difference < 0 ? '' : '+';
  const interval =
    paired.low === undefined || paired.high === undefined
      ? ''
      : ` (${paired.low.toFixed(2)}, ${paired.high.toFixed(2)})`;
  const p = paired.p === undefined ? '' : ` p ${paired.p < 0.001 ? '< 0.001' : paired.p.toFixed(3)}`;
  return `${sign}${paired.difference.toFixed(2)}${interval}${p} vs ${paired.against}`;
}

export const INTERVAL_NOTE =
  '95 % intervals: percentile bootstrap over patients. Thresholds are chosen on validation parts.';
export const MEDICAL_NOTE = 'Research results, not medical advice.';

/** One table as Markdown, a line per row with the paper's numbers below the measured ones. */
export function formatTableMarkdown(
  table: Table,
  protocol: Pick<ResolvedProtocol, 'note' | 'seed'>,
  dataNotes: Readonly<Record<string, readonly string[]>>,
): string {
  const head = ['Experiment', 'Data', ...table.columns];
  const lines = [
    `# ${table.title}`,
    '',
    `| ${head.map(escapePipes).join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...table.rows.map(
      (row) =>
        `| ${[row.label, row.datasets.join(' + '), ...table.columns.map((column) => markdownCell(row, column))].map(escapePipes).join(' | ')} |`,
    ),
    '',
    ...table.rows.flatMap((row) => (row.remark === undefined ? [] : [`- ${row.label}: ${row.remark}`])),
    '',
    `${INTERVAL_NOTE} Seed ${protocol.seed}. ${MEDICAL_NOTE}`,
    ...(protocol.note === undefined ? [] : ['', protocol.note]),
    '',
    ...formatDataNotes(table, dataNotes).map((line) => `- ${line}`),
  ];
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

/** `siim: These are not pneumothorax masks.` for every dataset of the table; datasets that say the same share a line. */
export function formatDataNotes(
  table: Pick<Table, 'rows'>,
  dataNotes: Readonly<Record<string, readonly string[]>>,
): string[] {
  const used = new Set(table.rows.flatMap((row) => row.datasets));
  const names = new Map<string, string[]>();
  for (const [name, notes] of Object.entries(dataNotes)) {
    if (!used.has(name) || notes.length === 0) continue;
    const text = notes.map((note) => note.replace(/[.:]?$/, '.')).join(' ');
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  return [...names].map(([text, datasets]) => `${datasets.join(', ')}: ${text}`);
}

function escapePipes(text: string): string {
  return text.replaceAll('|', '\\|');
}

function markdownCell(row: TableRow, column: string): string {
  const cell = row.cells[column];
  if (cell === undefined) return '';
  const parts = [formatCell(cell), formatPaired(cell), cell.paper === undefined ? '' : `paper ${cell.paper}`];
  return parts.filter((part) => part !== '').join('<br>');
}
