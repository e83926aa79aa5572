import { auroc, rankScores } from '@multichexnet/metrics';
import { expect, test } from 'vitest';
import { ImageSource } from '../data/image-source.js';
import { stretchTo } from '../data/preprocessing.js';
import type { PreparedImage } from '../data/prepared-image.js';
import type { Split, SplitSample } from '../data/sample.js';
import type { Inference } from '../evaluate/infer.js';
import { silentLogger } from '../log/logger.js';
import { scoreImages, type GateRequest } from './gate-scores.js';

type Row = readonly [split: Split, positive: boolean | undefined, score: number];

const sample = ([split, positive]: Row, i: number): SplitSample => ({
  dataset: 'rsna',
  id: `i${i}`,
  image: `/i${i}.png`,
  patient: { key: `p${i}` },
  split,
  labels: { findings: positive === undefined ? {} : { positive } },
});

/** A source that reads no files, and a network that knows each image's score. */
function request(
  rows: readonly Row[],
  more: Partial<GateRequest> = {},
): { request: GateRequest; batches: number[]; warnings: string[] } {
  const samples = rows.map(sample);
  const source = new ImageSource(samples, { preprocessing: stretchTo(1) });
  source.load = (index) =>
    Promise.resolve<PreparedImage>({ sample: samples[index]!, pixels: Uint8Array.of(0), size: 1, width: 1, height: 1 });
  const batches: number[] = [];
  const warnings: string[] = [];
  const inference: Inference = {
    run: (images) => {
      batches.push(images.length);
      return Promise.resolve(images.map((image) => ({ gate: [rows[Number(image.sample.id.slice(1))]![2]] })));
    },
    dispose: () => undefined,
  };
  const head = {
    name: 'gate',
    head: { gateScore: ([score]: [number], classes: string[]) => (classes[0] === 'positive' ? score : undefined) },
  };
  return {
    request: {
      inference,
      head: head as never,
      source,
      classes: ['positive'],
      dataset: 'rsna',
      batchSize: 4,
      logger: { ...silentLogger, warn: (message) => warnings.push(message) },
      ...more,
    },
    batches,
    warnings,
  };
}

const rows: Row[] = [
  ['train', true, 0.9],
  ['train', false, 0.3],
  ['validation', true, 0.8],
  ['validation', true, 0.6],
  ['validation', false, 0.55],
  ['validation', false, 0.2],
  ['validation', undefined, 0.99],
  ['test', true, 0.7],
  ['test', true, 0.5],
  ['test', true, 0.61],
  ['test', false, 0.65],
  ['test', false, 0.1],
  ['test', undefined, 0.1],
];

test('scores every image once, in batches, and chooses the threshold on validation alone', async () => {
  const { request: asked, batches, warnings } = request(rows);
  const result = await scoreImages(asked);
  expect(batches).toEqual([4, 4, 4, 1]);
  expect(result.dataset).toBe('rsna');
  expect(result.scores).toEqual(Object.fromEntries(rows.map(([, , score], i) => [`i${i}`, score])));
  expect(result).not.toHaveProperty('untuned');
  expect(result.threshold).toBe(0.6); // parts 0.6, 0.8 from 0.2, 0.55
  expect(warnings).toEqual([]);
  const known = rows.filter(([split, positive]) => split === 'test' && positive !== undefined);
  expect(result.test).toEqual({
    auroc: auroc(
      rankScores(
        known.map(([, , score]) => score),
        known.map(([, positive]) => Number(positive)),
      ),
    ),
    sensitivity: 2 / 3,
    specificity: 1 / 2,
  });
});

test('the labels of training and test do not move the threshold', async () => {
  const other = rows.map(([split, positive, score]): Row => [
    split,
    split === 'validation' ? positive : !positive,
    score,
  ]);
  expect((await scoreImages(request(other).request)).threshold).toBe(0.6);
});

test('a validation part of one kind is warned of', async () => {
  const { request: asked, warnings } = request(rows.filter(([split, positive]) => split !== 'validation' || positive));
  const result = await scoreImages(asked);
  expect([result.threshold, result.untuned]).toEqual([0.5, true]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('"rsna"');
});

test('what is not defined on the test part is absent', async () => {
  const none = await scoreImages(request(rows.filter(([split]) => split !== 'test')).request);
  expect(none.test).toEqual({});
  const positives = await scoreImages(
    request(rows.filter(([split, positive]) => split !== 'test' || positive)).request,
  );
  expect(positives.test).toEqual({ sensitivity: 2 / 3 });
});

test('a head that cannot gate is refused', async () => {
  const cannot = expect.objectContaining({ code: 'GATE_HEAD' }) as unknown;
  await expect(scoreImages(request(rows, { classes: ['Fibrosis'] }).request)).rejects.toThrow(cannot);
  await expect(scoreImages(request(rows, { head: { name: 'det', head: {} } as never }).request)).rejects.toThrow(
    expect.objectContaining({ code: 'GATE_HEAD', message: expect.stringContaining('head "det"') as string }),
  );
});

test('scoring that is told to stop ends between two batches', async () => {
  const controller = new AbortController();
  const { request: asked, batches } = request(rows, { signal: controller.signal });
  const logger = { ...asked.logger, progress: (): void => controller.abort('SIGINT') };
  await expect(scoreImages({ ...asked, logger })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(batches).toEqual([4]);
});
