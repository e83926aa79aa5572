import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataOf, json, root, temporary } from './command.ts';

const tree = process.env['MULTICHEXNET_DATA'] ?? join(root, '../shared/data/dev');
const there = existsSync(join(tree, 'covid/metadata.csv'));
if (!there) process.stdout.write('skipped: real data not found\n');

interface Cell {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly images: number;
  readonly patients: number;
  readonly sources?: number;
  readonly classes: readonly { name: string; positives: number; negatives: number; counted: boolean }[];
}
interface Table {
  readonly name: string;
  readonly rows: readonly { readonly label: string; readonly cells: Readonly<Record<string, Cell>> }[];
}
interface Part {
  readonly metrics: { readonly findings: readonly { scores: number[]; labels: number[] }[] };
}

/** Of all pairs of an image with and one without, the share in the right order. */
function auroc({ metrics }: Part, c: number): number {
  const of = (label: number): number[] =>
    metrics.findings.flatMap(({ scores, labels }) => (labels[c] === label ? [scores[c]!] : []));
  const [positives, negatives] = [of(1), of(0)];
  const won = positives.flatMap((p) => negatives.map((n) => (p > n ? 1 : p === n ? 0.5 : 0) as number));
  return won.reduce((a, b) => a + b, 0) / won.length;
}
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

test.skipIf(!there)(
  'mini on real images: which labels, how many positives, folds by patient and by source, what the source gives away',
  async () => {
    const out = join(await temporary(), 'mini');
    const few = ['phases.chestxray14.steps=20', 'phases.chestxray14.select.every=10', 'phases.covid.steps=5'];
    const less = [...few, 'phases.covid.crossValidate.repeats=1', 'phases.covid-sources.crossValidate.repeats=1'];
    const { code, document, stdout } = await json<{ tables: Table[]; dataNotes: Record<string, string[]> }>([
      ...['protocol', 'run', 'mini', ...dataOf(tree, ['chestxray14', 'covid'])],
      ...['--patient-map', join(tree, 'patient_map.csv'), '--out', out, '--no-reuse'],
      ...[...less, 'resamples=100'].flatMap((word) => ['--set', word]),
    ]);
    expect(code, stdout).toBe(0);
    const cellOf = (table: string, row: number, column: string): Cell =>
      document.tables.find(({ name }) => name === table)?.rows[row]?.cells[column] as Cell;
    const partsOf = async (phase: string, dataset: string): Promise<readonly { readonly test: Part }[]> => {
      const text = await readFile(join(out, 'phases', phase, 'evaluation.json'), 'utf8');
      return (JSON.parse(text) as Record<string, { test: Part }[]>)[`cls@${dataset}/none`] ?? [];
    };

    const { chestxray14: stats } = JSON.parse(await readFile(join(tree, 'stats.json'), 'utf8')) as {
      chestxray14: { test: { images: number; patients: number; labels: Record<string, number> } };
    };
    const mean = cellOf('chestxray14', 0, 'Mean AUROC');
    expect(mean).toMatchObject({ images: stats.test.images, patients: stats.test.patients });
    for (const { name, positives, counted } of mean.classes)
      expect([name, positives, counted]).toEqual([name, stats.test.labels[name], stats.test.labels[name]! >= 10]);
    const [part] = await partsOf('chestxray14', 'chestxray14');
    const frequent = mean.classes.flatMap(({ counted }, c) => (counted ? [c] : []));
    expect(frequent.length).toBeGreaterThan(1);
    expect(mean.value).toBeCloseTo(meanOf(frequent.map((c) => auroc(part!.test, c))), 12);

    for (const [row, phase] of ['covid', 'covid-pre-trained', 'covid-sources'].entries()) {
      const cell = cellOf('covid', row, 'AUROC');
      const folds = await partsOf(phase, 'covid');
      expect(folds).toHaveLength(5);
      expect(cell.value).toBeCloseTo(meanOf(folds.map(({ test: tested }) => auroc(tested, 0))), 12);
      expect(cell.classes).toMatchObject([{ name: 'COVID-19', counted: true }]);
      expect(cell.sources === undefined).toBe(phase !== 'covid-sources');
      expect(cell.low).toBeLessThan(cell.high);
    }
    expect(document.dataNotes['covid']?.at(-1)).toMatch(
      /the source of an image alone, .* tells COVID-19 with an AUROC of 0\.\d\d/,
    );
  },
);
