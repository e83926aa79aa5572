import type { PairedMeasurement } from '../evaluate/measure.js';
import type { CountedClass } from '../plugin/metric.js';
import type { Table, TableCell, TableRow } from './tables.js';
import type { ResolvedProtocol } from './resolved-phase.js';

/** `0.47 (0.42, 0.52)`; `-` where the metric is not defined. */
export function formatCell({ value, low, high }: Pick<TableCell, 'value' | 'low' | 'high'>): string {
  if (value === undefined) return '-';
  const interval = low === undefined || high === undefined ? '' : ` (${low.toFixed(2)}, ${high.toFixed(2)})`;
  return `${value.toFixed(2)}${interval}`;
}

/** `+0.06 (0.01, 0.11) p 0.030`; a digit more where two would say nothing; empty where there is no difference to speak of. */
export function formatDifference(paired: PairedMeasurement | undefined, least = 2): string {
  if (paired?.difference === undefined) return '';
  const { difference, low, high, p } = paired;
  const digits = difference !== 0 && Number(difference.toFixed(least)) === 0 ? Math.max(3, least) : least;
  const interval =
    low === undefined || high === undefined ? '' : ` (${rounded(low, digits)}, ${rounded(high, digits)})`;
  const chance = p === undefined ? '' : p < 0.001 ? ' p<0.001' : ` p ${p.toFixed(3)}`;
  return `${difference < 0 ? '-' : '+'}${Math.abs(difference).toFixed(digits)}${interval}${chance}`;
}

/** Nothing has a sign. */
function rounded(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** `238 images of 120 patients` (and `from 23 sources` where an interval draws these) that a row was measured on; ranges where its columns differ, empty where nothing was measured. */
export function formatCounts({ cells }: Pick<TableRow, 'cells'>): string {
  const measured = Object.values(cells).filter(({ images }) => images > 0);
  if (measured.length === 0) return '';
  const range = (values: readonly number[]): string => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least === most ? `${least}` : `${least}-${most}`;
  };
  const [images, patients] = [range(measured.map((cell) => cell.images)), range(measured.map((cell) => cell.patients))];
  const drawn = measured.flatMap(({ sources }) => sources ?? []);
  const from = drawn.length === 0 ? '' : ` from ${range(drawn)} sources, which the intervals draw`;
  return `${images} images${images === patients ? '' : ` of ${patients} patients`}${from}`;
}

/** How the intervals of a table came about. */
export function intervalNote(seeds = 1): string {
  const over =
    seeds === 1
      ? 'percentile bootstrap over patients.'
      : `means of ${seeds} seeds, percentile bootstrap over seeds and patients (few seeds: their spread is underrated).`;
  return `95 % intervals: ${over} Thresholds are chosen on validation parts.`;
}

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
        `| ${[row.label, dataCell(row), ...table.columns.map((column) => markdownCell(row, column))].map(escapePipes).join(' | ')} |`,
    ),
    '',
    ...table.rows.flatMap((row) => (row.remark === undefined ? [] : [`- ${row.label}: ${row.remark}`])),
    ...formatClassNotes(table).map((line) => `- ${line}`),
    '',
    `${intervalNote(table.seeds)}${table.seeds === undefined ? ` Seed ${protocol.seed}.` : ''} ${MEDICAL_NOTE}`,
    ...(protocol.note === undefined ? [] : ['', protocol.note.trim().replace(/\n+/g, '\n\n')]),
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
    const text = notes.map((note) => withoutName(note, name).replace(/[.:]?$/, '.')).join(' ');
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  return [...names].map(([text, datasets]) => `${datasets.join(', ')}: ${text}`);
}

/**
 * Which labels a mean is over, and how many positive images each has: a line for every set of test images, naming its rows where they differ. Then what has
 * a default threshold, and why a dash is one where no test image says what is asked.
 */
export function formatClassNotes({ rows, columns }: Pick<Table, 'rows' | 'columns'>): string[] {
  /** @param every the rows that a line without names speaks of; default those that it says something of */
  const told = (textOf: (column: string, cell: TableCell) => string, every?: number): string[] => {
    const labels = new Map<string, string[]>();
    for (const { label, cells } of rows)
      for (const column of columns) {
        const cell = cells[column];
        const text = cell === undefined ? '' : textOf(column, cell);
        if (text !== '') labels.set(text, [...(labels.get(text) ?? []), label]);
      }
    const all = every ?? new Set([...labels.values()].flat()).size;
    return [...labels].map(([text, of]) => (of.length === all ? text : `${of.join('; ')}: ${text}`));
  };
  return [
    ...told((column, { classes = [] }) => classesText(column, classes)),
    ...told((column, { images, datasets }) => (images > 0 ? '' : `${column}: ${unlabelled(datasets)}`), rows.length),
    ...told(
      (column, { untuned = [] }) => (untuned.length === 0 ? '' : `${column}: ${formatUntuned(untuned)}`),
      rows.length,
    ),
  ];
}

function unlabelled(datasets: readonly string[]): string {
  return `not measured, for no test image of ${datasets.join(' or ')} is labelled for this head.`;
}

/** `the threshold of Hernia is the default, not tuned: validation has no image to choose it by.` */
export function formatUntuned(untuned: readonly string[]): string {
  const many = untuned.length > 1;
  return `the threshold${many ? 's' : ''} of ${untuned.join(', ')} ${many ? 'are defaults' : 'is the default'}, not tuned: validation has no image to choose ${many ? 'them' : 'it'} by.`;
}

function classesText(column: string, classes: readonly CountedClass[]): string {
  const known = classes.filter(({ positives, negatives }) => positives + negatives > 0);
  const [only, ...others] = known;
  if (only === undefined) return '';
  if (others.length === 0)
    return `${column} is of ${only.name}, which ${only.positives} of ${only.positives + only.negatives} test images have.`;
  const list = (wanted: boolean): string =>
    known
      .filter(({ counted }) => counted === wanted)
      .map(({ name, positives }) => `${name} ${positives}`)
      .join(', ');
  const [counted, left] = [list(true), list(false)];
  const count = known.filter((own) => own.counted).length;
  return `${column} is a mean over ${count} of ${known.length} labels${counted === '' ? '' : `, with so many positive test images: ${counted}`}${left === '' ? '' : `; not in it: ${left}`}.`;
}

/** What a dataset says of itself may begin with its name, which stands before the note anyway. */
export function withoutName(note: string, name: string): string {
  return note.startsWith(`${name}: `) ? note.slice(name.length + 2) : note;
}

function dataCell(row: TableRow): string {
  return [row.datasets.join(' + '), formatCounts(row)].filter((part) => part !== '').join('<br>');
}

function escapePipes(text: string): string {
  return text.replaceAll('|', '\\|');
}

function markdownCell(row: TableRow, column: string): string {
  const cell = row.cells[column];
  if (cell === undefined) return '';
  const difference = formatDifference(cell.paired);
  const against = difference === '' ? '' : `${difference} vs ${cell.paired?.against}`;
  const parts = [formatCell(cell), against, cell.paper === undefined ? '' : `paper ${cell.paper}`];
  return parts.filter((part) => part !== '').join('<br>');
}
