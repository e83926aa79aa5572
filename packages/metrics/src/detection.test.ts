import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxIous } from './box-overlap.js';
import { cocoAveragePrecision, poolCoco } from './coco-summary.js';
import { poolDetections } from './detection-pool.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';
import { prepareCoco } from './prepare-coco.js';
import { prepareDetections, type DetectionImage } from './prepare-detections.js';
import { rsnaMap, rsnaThreshold, scoreRsnaImages } from './rsna-map.js';
import { vocAveragePrecision } from './voc-average-precision.js';

interface Coco {
  map: number | null;
  ap50: number | null;
  ap75: number | null;
}

interface Case {
  name: string;
  images: { truth: number[]; predicted: number[]; scores: number[] }[];
  weights: number[];
  rsna: number | null;
  rsnaAbove: number | null;
  rsnaWeighted: number | null;
  rsnaBest: { threshold: number | null; value: number } | null;
  voc: number | null;
  vocWeighted: number | null;
  coco: Coco;
  cocoWeighted: Coco;
}

describe.each(readGolden<Case[]>('detection'))('$name', (golden) => {
  const records = golden.images.map(prepareDetections);
  const pool = poolDetections(records);
  const coco = poolCoco(golden.images.map(prepareCoco));
  const weights = Uint16Array.from(golden.weights);

  test('RSNA rule, numpy', () => {
    const scores = scoreRsnaImages(records);
    expectNumber(rsnaMap(scores), golden.rsna, 'all predictions');
    expectNumber(rsnaMap(scoreRsnaImages(records, 0.5)), golden.rsnaAbove, 'predictions from 0.5');
    expectNumber(rsnaMap(scores, weights), golden.rsnaWeighted, 'weighted');
  });

  test('RSNA operating point, numpy', () => {
    const best = rsnaThreshold(records);
    expectNumber(best?.value, golden.rsnaBest?.value, 'value');
    if (golden.rsnaBest !== null) expect(best?.threshold).toBe(golden.rsnaBest.threshold ?? Infinity);
  });

  test('VOC, numpy', () => {
    expectNumber(vocAveragePrecision(pool), golden.voc, 'plain');
    expectNumber(vocAveragePrecision(pool, weights), golden.vocWeighted, 'weighted');
  });

  test('COCO, pycocotools', () => {
    for (const key of ['map', 'ap50', 'ap75'] as const) {
      expectNumber(cocoAveragePrecision(coco)[key], golden.coco[key], key);
      expectNumber(cocoAveragePrecision(coco, weights)[key], golden.cocoWeighted[key], `weighted ${key}`);
    }
  });
});

const box = fc
  .tuple(fc.nat(6), fc.nat(6), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .map((sides) => sides as number[]);
const image = fc
  .record({
    truth: fc.array(box, { maxLength: 3 }),
    predicted: fc.array(fc.record({ box, score: fc.nat(3) }), { maxLength: 4 }),
  })
  .map(({ truth, predicted }): DetectionImage => ({
    truth: truth.flat(),
    predicted: predicted.flatMap((p) => p.box),
    scores: predicted.map((p) => p.score),
  }));

test('a multiplicity counts as repetition, scores tied or not', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(image, fc.nat(3)), { maxLength: 6 }), (weighted) => {
      const records = weighted.map(([one]) => prepareDetections(one));
      const weights = Uint8Array.from(weighted, ([, copies]) => copies);
      const repeated = records.flatMap((record, i) => Array.from({ length: weights[i]! }, () => record));
      const pool = poolDetections(records);
      const longPool = poolDetections(repeated);
      const coco = weighted.map(([one]) => prepareCoco(one));
      const cocoRepeated = coco.flatMap((record, i) => Array.from({ length: weights[i]! }, () => record));
      expectNumber(vocAveragePrecision(pool, weights), vocAveragePrecision(longPool), 'VOC');
      expectNumber(
        cocoAveragePrecision(poolCoco(coco), weights).map,
        cocoAveragePrecision(poolCoco(cocoRepeated)).map,
        'COCO',
      );
      expectNumber(rsnaMap(scoreRsnaImages(records, 2), weights), rsnaMap(scoreRsnaImages(repeated, 2)), 'RSNA');
    }),
    { numRuns: 300 },
  );
});

test('all in [0, 1]; the chosen RSNA operating point is the best of all', () => {
  fc.assert(
    fc.property(fc.array(image, { maxLength: 6 }), (images) => {
      const records = images.map(prepareDetections);
      const pool = poolDetections(records);
      const best = rsnaThreshold(records);
      for (const least of [0, 1, 2, 3, Infinity]) {
        const value = rsnaMap(scoreRsnaImages(records, least));
        if (value !== undefined) expect(value).toBeLessThanOrEqual(best!.value + 1e-12);
      }
      if (best !== undefined) expectNumber(rsnaMap(scoreRsnaImages(records, best.threshold)), best.value, 'best');
      for (const value of [
        rsnaMap(scoreRsnaImages(records)),
        vocAveragePrecision(pool),
        cocoAveragePrecision(poolCoco(images.map(prepareCoco))).map,
      ]) {
        if (value !== undefined) expect(value >= 0 && value <= 1 + 1e-12).toBe(true);
      }
    }),
  );
});

test('the true boxes themselves score 1 under every rule', () => {
  const truth = [0, 0, 10, 10, 30, 30, 10, 20];
  const image = { truth, predicted: truth, scores: [0.9, 0.8] };
  const records = [prepareDetections(image)];
  const pool = poolDetections(records);
  expectNumber(rsnaMap(scoreRsnaImages(records)), 1, 'RSNA');
  expectNumber(vocAveragePrecision(pool), 1, 'VOC');
  expectNumber(cocoAveragePrecision(poolCoco([prepareCoco(image)])).map, 1, 'COCO');
});

test('an IoU at the threshold is a hit for COCO and VOC, not for RSNA', () => {
  const image = { truth: [0, 0, 10, 10], predicted: [0, 0, 10, 5], scores: [1] };
  const records = [prepareDetections(image)];
  expect(boxIous([0, 0, 10, 5], [0, 0, 10, 10])).toEqual(Float64Array.of(0.5));
  expect(rsnaMap(scoreRsnaImages(records))).toBe(2 / 8); // .40 and .45
  expectNumber(cocoAveragePrecision(poolCoco([prepareCoco(image)])).ap50, 1, 'COCO');
  expectNumber(vocAveragePrecision(poolDetections(records)), 1, 'VOC');
});

test('bad arguments are refused', () => {
  const good = { truth: [0, 0, 1, 1], predicted: [0, 0, 1, 1], scores: [1] };
  const refuse = (image: DetectionImage, code: string) =>
    expect(() => prepareDetections(image)).toThrow(expect.objectContaining({ code }));
  refuse({ ...good, truth: [0, 0, 1] }, 'METRICS_BOX_INVALID');
  refuse({ ...good, truth: [0, 0, 0, 1] }, 'METRICS_BOX_INVALID');
  refuse({ ...good, predicted: [0, NaN, 1, 1] }, 'METRICS_BOX_INVALID');
  refuse({ ...good, predicted: [0, 0, -1, 1] }, 'METRICS_BOX_INVALID');
  refuse({ ...good, scores: [] }, 'METRICS_LENGTH_MISMATCH');
  refuse({ ...good, scores: [NaN] }, 'METRICS_SCORE_INVALID');
  const records = [prepareDetections({ ...good, predicted: [0, 0, 0, 0] })];
  expect(rsnaMap(scoreRsnaImages(records))).toBe(0);
  expect(() => scoreRsnaImages(records, NaN)).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
  expect(() => vocAveragePrecision(poolDetections(records), new Uint8Array(2))).toThrow(
    expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }),
  );
});
