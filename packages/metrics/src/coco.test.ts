import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cocoAveragePrecision, cocoSummary, poolCoco, type CocoSummary } from './coco-summary.js';
import { poolDetections } from './detection-pool.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';
import { prepareCoco, type CocoImage } from './prepare-coco.js';
import { prepareDetections } from './prepare-detections.js';
import { vocAveragePrecision } from './voc-average-precision.js';

type Numbers = Record<keyof CocoSummary, number | null>;

interface Case {
  name: string;
  classes: (CocoImage & { readonly crowd: number[] })[][];
  weights: number[];
  plain: Numbers;
  weighted: Numbers;
  voc11: (number | null)[];
}

describe.each(readGolden<Case[]>('coco'))('$name', ({ classes, weights, plain, weighted, voc11 }) => {
  const pools = classes.map((images) => poolCoco(images.map(prepareCoco)));

  test('all twelve numbers, pycocotools', () => {
    const got = cocoSummary(pools);
    for (const key of Object.keys(plain) as (keyof CocoSummary)[]) expectNumber(got[key], plain[key], key);
  });

  test('and of images repeated', () => {
    const got = cocoSummary(pools, Uint16Array.from(weights));
    for (const key of Object.keys(weighted) as (keyof CocoSummary)[]) expectNumber(got[key], weighted[key], key);
  });

  test('VOC at 11 points, numpy', () => {
    classes
      .filter((images) => images.every(({ crowd }) => !crowd.includes(1)))
      .forEach((images, c) => {
        const pool = poolDetections(images.map(prepareDetections));
        expectNumber(vocAveragePrecision(pool, undefined, 11), voc11[c], `class ${c}`);
      });
  });
});

const box = fc
  .tuple(fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }))
  .map((sides) => sides as number[]);
const image = fc
  .record({
    truth: fc.array(fc.record({ box, crowd: fc.nat(1) }), { maxLength: 3 }),
    predicted: fc.array(fc.record({ box, score: fc.nat(3) }), { maxLength: 4 }),
  })
  .map(({ truth, predicted }): CocoImage => ({
    truth: truth.flatMap((t) => t.box),
    crowd: truth.map((t) => t.crowd),
    predicted: [...predicted.flatMap((p) => p.box), ...truth.flatMap((t) => t.box)],
    scores: [...predicted.map((p) => p.score), ...truth.map(() => 1)],
  }));

test('a multiplicity counts as repetition, with crowds, ranges and tied scores', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(image, fc.nat(3)), { maxLength: 6 }), (weighted) => {
      const records = weighted.map(([one]) => prepareCoco(one));
      const weights = Uint8Array.from(weighted, ([, copies]) => copies);
      const repeated = records.flatMap((record, i) => Array.from({ length: weights[i]! }, () => record));
      const got = cocoSummary([poolCoco(records)], weights);
      const wanted = cocoSummary([poolCoco(repeated)]);
      for (const key of Object.keys(wanted) as (keyof CocoSummary)[]) expectNumber(got[key], wanted[key], key);
      expect(cocoAveragePrecision(poolCoco(repeated)).map).toBe(wanted.map);
    }),
    { numRuns: 300 },
  );
});

test('bad arguments are refused', () => {
  const good = { truth: [0, 0, 1, 1], predicted: [0, 0, 1, 1], scores: [1] };
  const refuse = (one: CocoImage, code: string) =>
    expect(() => prepareCoco(one)).toThrow(expect.objectContaining({ code }));
  refuse({ ...good, crowd: [] }, 'METRICS_LENGTH_MISMATCH');
  refuse({ ...good, truthAreas: [1, 2] }, 'METRICS_LENGTH_MISMATCH');
  refuse({ ...good, truthAreas: [NaN] }, 'METRICS_BOX_INVALID');
  refuse({ ...good, truth: [0, 0, 0, 1] }, 'METRICS_BOX_INVALID');
  refuse({ ...good, scores: [NaN] }, 'METRICS_SCORE_INVALID');
  expect(() => cocoSummary([poolCoco([prepareCoco(good)])], new Uint8Array(2))).toThrow(
    expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }),
  );
});
