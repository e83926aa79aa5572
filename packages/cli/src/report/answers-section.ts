import { formatDifference, type PairedMeasurement, type Table } from '@multichexnet/core';
import { holm } from '@multichexnet/metrics';
import { chance } from '../metrics/format-metrics.js';
import { escapeText } from '../page/escape-text.js';
import { csv, download } from '../page/figure.js';
import { table } from '../page/table.js';
import type { ReportedRun } from './read-run.js';

const LEVEL = 0.05;

/** One row of a table against another, in one metric. */
export interface Answer {
  readonly table: Table;
  readonly question: string;
  readonly metric: string;
  readonly paired: PairedMeasurement;
  /** p after Holm over the answers of its table, and over all answers of the run. */
  readonly inTable?: number;
  readonly inRun?: number;
}

/** What pairing rows asks, with p-values adjusted by Holm over two families: the table's own answers, and all of them. */
export function answersOf(tables: readonly Table[]): Answer[] {
  const byTable = tables.map((one) => {
    const answers = one.rows.flatMap((row) =>
      one.columns.flatMap((metric) => {
        const paired = row.cells[metric]?.paired;
        if (paired?.difference === undefined) return [];
        return [{ table: one, question: `${row.label} against ${paired.against}`, metric, paired }];
      }),
    );
    const adjusted = holm(answers.map(({ paired }) => paired.p));
    return answers.map((answer, i) => ({ ...answer, ...named('inTable', adjusted[i]) }));
  });
  const all = byTable.flat();
  const adjusted = holm(all.map(({ paired }) => paired.p));
  return all.map((answer, i) => ({ ...answer, ...named('inRun', adjusted[i]) }));
}

/** Which rows were to be compared, and what came of it. */
export function answersSection({
  tables,
  protocol,
}: Pick<ReportedRun, 'tables'> & { readonly protocol: Pick<ReportedRun['protocol'], 'resamples'> }): string {
  const answers = answersOf(tables);
  if (answers.length === 0) return '';
  const blocks = tables.flatMap((one) => {
    const own = answers.filter((answer) => answer.table === one);
    return own.length === 0 ? [] : [`<h3>${escapeText(one.title)}</h3>${answerTable(own)}`];
  });
  const data = answers.map(({ table: { name, seeds = 1 }, question, metric, paired, inTable, inRun }) => [
    ...[name, question, metric, paired.difference, paired.low, paired.high, paired.p, inTable, inRun, seeds],
  ]);
  const head = ['table', 'question', 'metric', 'difference', 'low', 'high', 'p', 'Holm in its table', 'Holm over all', 'seeds']; // prettier-ignore
  return `<section id="answers"><h2>What was asked, and what came of it</h2>
<p>${escapeText(`Each line is one row of a table against another on the same test images. Nothing is said to differ whose 95 % interval holds 0. p: two-sided, paired bootstrap. Adjusted by Holm over two families: the answers of the same table, and all ${answers.length} of this page; "not after Holm" has p >= ${LEVEL} in its table.`)}${escapeText(floorNote(answers, protocol.resamples))}</p>
${blocks.join('\n')}
<p>${download('answers.csv', 'text/csv', csv(head, data), 'answers (CSV)')}</p></section>`;
}

function answerTable(answers: readonly Answer[]): string {
  const rows = answers.map(({ table: { seeds = 1 }, question, metric, paired, inTable, inRun }) => [
    question,
    metric,
    verdict(paired, inTable),
    formatDifference(paired, 3),
    inTable === undefined ? '' : chance(inTable),
    inRun === undefined ? '' : chance(inRun),
    String(seeds),
  ]);
  return table(['question', 'metric', 'answer', 'difference (95 % CI)', 'Holm, its table', 'Holm, all', 'seeds'], rows);
}

/** A bootstrap's p cannot be smaller than 2 / (resamples + 1): over many answers nothing could be found then. */
function floorNote(answers: readonly Answer[], resamples: number): string {
  const tests = answers.filter(({ paired }) => paired.p !== undefined).length;
  const floor = (2 / (resamples + 1)) * tests;
  if (floor < LEVEL) return '';
  return ` With ${resamples} resamples p is at least ${(2 / (resamples + 1)).toFixed(4)}, so that over all ${tests} answers none can be below ${Math.min(1, floor).toFixed(2)}: more resamples would tell.`;
}

function verdict({ low, high }: PairedMeasurement, adjusted: number | undefined): string {
  if (low === undefined || high === undefined) return 'no interval';
  if (low <= 0 && high >= 0) return 'not told apart';
  const found = low > 0 ? 'higher' : 'lower';
  return adjusted !== undefined && adjusted >= LEVEL ? `${found}, not after Holm` : found;
}

const named = <Name extends string>(name: Name, p: number | undefined): { [K in Name]?: number } =>
  (p === undefined ? {} : { [name]: p }) as { [K in Name]?: number };
