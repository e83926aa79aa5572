import type { BootstrapInterval, CocoImage } from '@multichexnet/metrics';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Benchmark } from '../benchmark.js';
import { timed } from '../children/report.js';
import { ownContender, pythonContender, type MeasureFunction } from '../contender.js';
import type { Entry } from '../interleave.js';
import {
  BOX_COLUMNS,
  COCO_CLASSES,
  COCO_IMAGES,
  IMAGES,
  metricsFolder,
  PATIENTS,
  PREVALENCES,
} from '../metrics-files.js';
import { round } from '../statistics.js';

const RESAMPLES = 2000;
/** Resamples that scikit-learn does, from which its time for all is extrapolated. */
const PEER_RESAMPLES = 50;
const TOLERANCE = 1e-9;

/** Mean and per-class AUROC with intervals, and COCO's twelve numbers. */
export const measure: MeasureFunction = async (folder = '') => {
  const { auroc, bootstrapIntervals, rankClasses } = await import('@multichexnet/metrics');
  const scores = await floats(folder, 'scores.f32');
  const labels = new Uint8Array(readFileSync(join(folder, 'labels.u8')));
  const clusters = new Int32Array(await buffer(folder, 'patients.i32'));
  const measureAurocs = (): BootstrapInterval[] => {
    const rankings = rankClasses(scores, labels, PREVALENCES.length);
    return bootstrapIntervals({
      clusters,
      seed: 1,
      resamples: RESAMPLES,
      statistics: (multiplicity) => rankings.map((ranking) => auroc(ranking, multiplicity)),
    });
  };
  const [aurocs, intervals] = await timed(() => Promise.resolve(measureAurocs()));
  const [truth, predicted] = [await floats(folder, 'truth.f32'), await floats(folder, 'predicted.f32')];
  const [coco, summary] = await timed(() => evaluateBoxes(truth, predicted));
  return {
    library: 'multichexnet',
    times: { auroc: [aurocs], coco: [coco] },
    notes: {
      ...Object.fromEntries(intervals.map(({ value = NaN }, c) => [`auroc${c}`, value])),
      ap: summary.map ?? NaN,
      arSmall: summary.arSmall ?? NaN,
    },
  };
};

async function evaluateBoxes(
  truth: Float32Array,
  predicted: Float32Array,
): Promise<{ map: number | undefined; arSmall: number | undefined }> {
  const { cocoSummary, poolCoco, prepareCoco } = await import('@multichexnet/metrics');
  interface Cell {
    truth: number[];
    predicted: number[];
    scores: number[];
  }
  const cells = new Map<number, Cell>();
  const cellOf = (table: Float32Array, row: number): Cell => {
    const key = table[row + 1]! * COCO_IMAGES + table[row]!;
    let cell = cells.get(key);
    if (cell === undefined) cells.set(key, (cell = { truth: [], predicted: [], scores: [] }));
    return cell;
  };
  for (let row = 0; row < truth.length; row += BOX_COLUMNS) {
    cellOf(truth, row).truth.push(...truth.subarray(row + 2, row + 6));
  }
  for (let row = 0; row < predicted.length; row += BOX_COLUMNS) {
    const cell = cellOf(predicted, row);
    cell.predicted.push(...predicted.subarray(row + 2, row + 6));
    cell.scores.push(predicted[row + 6]!);
  }
  const nothing = prepareCoco({ truth: [], predicted: [], scores: [] });
  const pools = Array.from({ length: COCO_CLASSES }, (_, label) =>
    poolCoco(
      Array.from({ length: COCO_IMAGES }, (_, image) => {
        const cell: CocoImage | undefined = cells.get(label * COCO_IMAGES + image);
        return cell === undefined ? nothing : prepareCoco(cell);
      }),
    ),
  );
  return cocoSummary(pools);
}

async function buffer(folder: string, name: string): Promise<ArrayBuffer> {
  const { readFile } = await import('node:fs/promises');
  return Uint8Array.from(await readFile(join(folder, name))).buffer;
}

const floats = async (folder: string, name: string): Promise<Float32Array> =>
  new Float32Array(await buffer(folder, name));

/** Intervals of AUROC by patient, and COCO's summary, on one set of numbers. */
export const metrics: Benchmark = {
  name: 'metrics',
  what: `AUROC with ${RESAMPLES} resamples against scikit-learn, COCO mAP against pycocotools (needs the peers)`,
  settings: {
    images: IMAGES,
    patients: PATIENTS,
    classes: PREVALENCES.length,
    resamples: RESAMPLES,
    cocoImages: COCO_IMAGES,
  },
  rounds: 2,
  contenders: () => {
    const folder = metricsFolder();
    return [
      ownContender(import.meta.url, 'ours', 'packages/metrics', [folder]),
      pythonContender('python', 'scikit-learn, pycocotools', 'metrics', [
        folder,
        ...[PREVALENCES.length, PEER_RESAMPLES, RESAMPLES, COCO_IMAGES, COCO_CLASSES].map(String),
      ]),
    ];
  },
  conclude: ({ ours, python }) => {
    const over = (part: string): number => round((ours?.ms[part] as number) / (python?.ms[part] as number), 4);
    return {
      ratios: { 'ours/scikit-learn auroc': over('auroc'), 'ours/pycocotools coco': over('coco') },
      checks: [
        atMost(`AUROC with ${RESAMPLES} resamples, ours / scikit-learn`, over('auroc'), 0.05),
        atMost('COCO summary, ours / pycocotools', over('coco'), 0.5),
        atMost('difference between our numbers and theirs', difference(ours, python), TOLERANCE),
      ],
    };
  },
};

function difference(ours: Entry | undefined, python: Entry | undefined): number {
  const names = Object.keys(ours?.notes ?? {});
  return Math.max(...names.map((name) => Math.abs(Number(ours?.notes?.[name]) - Number(python?.notes?.[name]))));
}
