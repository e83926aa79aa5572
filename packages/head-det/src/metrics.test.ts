import type { ImageGeometry, InputBox, MetricItem, OutputValue } from '@multichexnet/core';
import { expect, test } from 'vitest';
import type { DetPrediction, ScoredBox } from './decode.js';
import { detMetrics, type DetRecord } from './metrics.js';

const geometry: ImageGeometry = { inputSize: 64, width: 128, height: 64 };
const named = (name: string) => detMetrics().find((metric) => metric.name === name)!;
const record = (label: readonly InputBox[], boxes: readonly ScoredBox[]): DetRecord =>
  named('mAP').observe({ label, prediction: { boxes }, geometry } as unknown as MetricItem<
    readonly InputBox[],
    readonly [OutputValue],
    DetPrediction
  >);

const truth = { x: 10, y: 10, width: 20, height: 20 }; // 20, 10, 40 x 20 in the original
const hit = (score: number): ScoredBox => ({ x: 20, y: 10, width: 40, height: 20, score });
const miss = (score: number): ScoredBox => ({ x: 100, y: 40, width: 10, height: 10, score });

test('a record is plain data in original coordinates', () => {
  const made = record([truth], [hit(0.9)]);
  expect(made).toEqual({ truth: [20, 10, 40, 20], predicted: [20, 10, 40, 20], scores: [0.9] });
  expect(JSON.parse(JSON.stringify(made))).toEqual(made);
});

test('RSNA: the operating point comes from validation; a false alarm on a negative scores 0, silence there is left out', () => {
  const metric = named('mAP');
  const validation = [record([truth], [hit(0.8), miss(0.3)]), record([], [miss(0.4)])];
  const threshold = metric.fit!(validation);
  expect(threshold).toBe(0.8);
  const images = [
    record([truth], [hit(0.9), miss(0.7)]),
    record([], [miss(0.5)]),
    record([], [miss(0.95)]),
    record([truth], []),
  ];
  const value = (multiplicity: number[]) =>
    metric.reduce(metric.prepare(images, threshold), Uint16Array.from(multiplicity));
  expect(value([1, 1, 1, 1])).toBeCloseTo(1 / 3, 9); // 1, left out, 0, 0
  expect(value([3, 1, 1, 0])).toBeCloseTo(3 / 4, 9);
  expect(value([0, 5, 0, 0])).toBeUndefined();
});

test('FROC: sensitivity at 1/4 to 8 false alarms an image', () => {
  const metric = named('froc');
  const images = [record([truth], [hit(0.9)]), record([truth], [miss(0.8), hit(0.7)])];
  // half is found without a false alarm, all at half a false alarm an image: the point at 1/4 lies on the step
  expect(metric.reduce(metric.prepare(images, undefined), Uint16Array.of(1, 1))).toBeCloseTo((0.5 + 5) / 6, 9);
  expect(metric.reduce(metric.prepare([record([], [miss(1)])], undefined), Uint16Array.of(1))).toBeUndefined();
});

test('VOC and COCO rank boxes over images', () => {
  const images = [record([truth], [hit(0.9)]), record([truth], [miss(0.5)])];
  const ones = Uint16Array.of(1, 1);
  for (const name of ['mAP/voc', 'mAP/coco', 'mAP/coco50']) {
    const metric = named(name);
    expect(metric.reduce(metric.prepare(images, undefined), ones)).toBeCloseTo(0.5, 1);
    expect(metric.reduce(metric.prepare(images, undefined), Uint16Array.of(1, 0))).toBeCloseTo(1, 9);
  }
});

test('without a box to choose by, true or predicted, the threshold is told to be the default', () => {
  const metric = named('mAP');
  const some = [record([truth], [])];
  expect(metric.untuned!([record([], [])], some)).toEqual(['boxes']);
  expect(metric.fit!([record([], [])])).toBe(0);
  expect([metric.untuned!(some, some), metric.untuned!([], [])]).toEqual([[], []]);
});
