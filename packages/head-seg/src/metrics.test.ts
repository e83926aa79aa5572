import type { MetricItem, OutputValue } from '@multichexnet/core';
import { createRandom, encodeRle, maskOfBoxes } from '@multichexnet/imaging';
import { maskDice, maskOverlap } from '@multichexnet/metrics';
import { expect, test } from 'vitest';
import { probabilityMap, type SegPrediction } from './decode.js';
import { segMetrics, THRESHOLDS, type SegRecord } from './metrics.js';

const size = { width: 20, height: 12 };
const geometry = { inputSize: 8, ...size };
const named = (name: string) => segMetrics().find((metric) => metric.name === name)!;

/** An image with its true mask at original size; `logits` undefined = held back by the gate. */
const record = (truth: Uint8Array, logits: Float32Array | undefined): SegRecord =>
  named('dice').observe({
    outputs: logits === undefined ? undefined : [logits],
    label: new Uint8Array(64),
    sample: {
      labels: {
        findings: {},
        mask: { ...size, rle: truth.includes(1) ? [encodeRle(truth, { ...size, relative: true })] : [] },
      },
    },
    geometry,
  } as unknown as MetricItem<Uint8Array, readonly [OutputValue], SegPrediction>);

const random = createRandom(1, 'logits');
const noise = (): Float32Array => Float32Array.from({ length: 64 }, () => random.normal(0, 2));
const box = maskOfBoxes([{ x: 3, y: 2, width: 9, height: 6 }], size);
const nothing = new Uint8Array(size.width * size.height);

test('counts at every threshold equal those of thresholded masks at original resolution', () => {
  for (let round = 0; round < 5; round++) {
    const logits = noise();
    const made = record(box, logits);
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
    const map = probabilityMap(logits, geometry);
    THRESHOLDS.forEach((threshold, t) => {
      expect({ predicted: made.predicted[t], truth: made.truth, intersection: made.intersection[t] }).toEqual(
        maskOverlap(map, box, threshold),
      );
    });
  }
});

test('mean Dice at the threshold that validation likes best; empty on empty is 1; positives stand apart', () => {
  const sure = Float32Array.from({ length: 64 }, () => -9);
  const images = [record(box, noise()), record(nothing, sure), record(nothing, noise()), record(box, undefined)];
  const metric = named('dice');
  const fitted = metric.fit!(images);
  const diceAt = (image: SegRecord, t: number): number =>
    maskDice({ truth: image.truth, predicted: image.predicted[t]!, intersection: image.intersection[t]! });
  const mean = (t: number): number => images.reduce((sum, image) => sum + diceAt(image, t), 0) / images.length;
  expect(mean(fitted)).toBe(Math.max(...THRESHOLDS.map((_, t) => mean(t))));
  const ones = Uint16Array.of(1, 1, 1, 1);
  expect(metric.reduce(metric.prepare(images, fitted), ones)).toBeCloseTo(mean(fitted), 12);
  expect(diceAt(images[1]!, fitted)).toBe(1);
  expect(diceAt(images[3]!, fitted)).toBe(0);
  const positives = named('dice/positives');
  const t = positives.fit!(images);
  expect(positives.reduce(positives.prepare(images, t), Uint16Array.of(1, 9, 9, 1))).toBeCloseTo(
    diceAt(images[0]!, t) / 2,
    12,
  );
  expect(positives.reduce(positives.prepare(images, t), Uint16Array.of(0, 1, 1, 0))).toBeUndefined();
});

test('without a mask to choose by, the threshold of positives is told to be the default', () => {
  const [all, positives] = [named('dice'), named('dice/positives')];
  const [some, none] = [[record(box, noise())], [record(nothing, noise())]];
  expect([all.untuned!(none, some), positives.untuned!(none, some)]).toEqual([[], ['masks']]);
  expect([all.untuned!([], some), positives.untuned!(some, some)]).toEqual([['masks'], []]);
  expect(THRESHOLDS[positives.fit!(none)]).toBe(0.5);
  expect(positives.untuned!(none, [])).toEqual([]); // nothing is measured with it
});
