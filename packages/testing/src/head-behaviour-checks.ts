import type { HeadMetric, ImageGeometry, LabelledInput, MetricItem } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { Check } from './checks.js';
import { HeadRun, type HeadSetup } from './head-run.js';
import { completeOptions } from './options-checks.js';
import { reloadModel } from './reload-model.js';

const GEOMETRIES: readonly Omit<ImageGeometry, 'inputSize'>[] = [
  { width: 300, height: 200 },
  { width: 64, height: 64 },
  { width: 1, height: 1 },
];

/** Checks that need no training: labels, shapes, losses, predictions. */
export function headBehaviourChecks(setup: HeadSetup, silent: LabelledInput): Check[] {
  const { plugin, options, labels, inputSize } = setup;
  const withRun = (fn: (run: HeadRun) => void | Promise<void>) => async () => {
    const run = new HeadRun(setup);
    try {
      await fn(run);
    } finally {
      run.dispose();
    }
  };
  const lossOf = (run: HeadRun, some: readonly unknown[]): number => {
    const value = tf.tidy(() => run.loss(run.predict(some.length), run.encode(some)));
    expect(value.shape, 'the loss is a scalar').toEqual([]);
    const [loss] = value.dataSync();
    value.dispose();
    return loss!;
  };
  return [
    {
      name: 'a sample that says nothing has no label',
      run: () => expect(plugin.label(silent, options), 'unknown is undefined, never zero').toBeUndefined(),
    },
    {
      name: 'fit completes options, purely',
      run: () => {
        if (plugin.fit === undefined) return;
        const known = labels.filter((label) => label !== undefined);
        const before = structuredClone(options);
        for (const some of [known, []]) {
          const fit = (): object => plugin.fit!(options, some, { inputSize, seed: 1 }) as object;
          const fitted = fit();
          expect(completeOptions(plugin, fitted), 'fitted options are valid and complete').toEqual(fitted);
          expect(fit(), 'the same labels and seed fit the same').toEqual(fitted);
          expect(options, 'the given options are left alone').toEqual(before);
          plugin.create(fitted, { seed: 1 });
        }
      },
    },
    {
      name: 'shapes at batch 1 and 3',
      run: withRun((run) => {
        for (const batch of [1, 3]) {
          const outputs = run.predict(batch);
          expect(outputs.map(({ shape }) => shape)).toEqual(run.built.outputShapes.map((shape) => [batch, ...shape]));
          for (const output of outputs) {
            expect(output.dtype).toBe('float32');
            expect(output.dataSync().every(Number.isFinite), 'outputs are finite').toBe(true);
          }
          tf.dispose(outputs);
        }
      }),
    },
    {
      name: 'encode fills the targets',
      run: withRun((run) => {
        const shapes: readonly (readonly number[])[] = run.head.targetShapes?.(inputSize) ?? run.built.outputShapes;
        const knownSize = run.head.knownSize ?? 1;
        for (const label of labels) {
          if (label === undefined) continue;
          const values = run.head.encode(label, { inputSize });
          expect(values.map((value) => (typeof value === 'number' ? 1 : value.length))).toEqual(
            shapes.map((shape) => shape.reduce((a, b) => a * b, 1)),
          );
          for (const value of values)
            expect(
              (typeof value === 'number' ? [value] : [...value]).every(Number.isFinite),
              'targets are finite',
            ).toBe(true);
          expect(run.head.encode(label, { inputSize }), 'encode is pure').toEqual(values);
          const known = run.head.known?.(label) ?? [1];
          expect(known).toHaveLength(knownSize);
          expect(
            known.every((entry) => entry === 0 || entry === 1),
            'known holds 0 and 1',
          ).toBe(true);
        }
      }),
    },
    {
      name: 'the loss is finite for every label, empty ones included',
      run: withRun((run) => {
        for (const label of labels)
          expect(lossOf(run, [label]), `loss of label ${JSON.stringify(label)?.slice(0, 60)}`).toSatisfy(
            Number.isFinite,
          );
        expect(lossOf(run, labels)).toSatisfy(Number.isFinite);
      }),
    },
    {
      name: 'unknown labels count for nothing',
      run: withRun((run) => {
        expect(lossOf(run, [undefined, undefined])).toBe(0);
        const known = labels.filter((label) => label !== undefined);
        const { value, grads } = run.gradients([undefined, undefined]);
        for (const [name, gradient] of Object.entries(grads))
          expect(
            gradient.dataSync().every((g) => g === 0),
            `gradient of "${name}"`,
          ).toBe(true);
        tf.dispose([value, grads]);
        // toy features of a sample do not depend on the batch size, so unknown samples behind the known ones must not change the mean
        expect(lossOf(run, [...known, undefined, undefined])).toBeCloseTo(lossOf(run, known), 5);
      }),
    },
    {
      name: 'decode gives plain JSON in original coordinates',
      run: withRun((run) => {
        for (const size of GEOMETRIES) {
          const geometry = { inputSize, ...size };
          const outputs = run.predict(labels.length);
          for (const prediction of run.decode(outputs, geometry)) expectPrediction(prediction, geometry);
          tf.dispose(outputs);
          if (run.head.empty !== undefined) expectPrediction(run.head.empty(geometry), geometry);
        }
      }),
    },
    {
      name: 'metrics have unique names and judge predictions',
      run: withRun((run) => {
        const names = run.head.metrics.map(({ name }) => name);
        expect(new Set(names).size, `unique names in ${names.join(', ')}`).toBe(names.length);
        const items = metricItems(run, silent);
        const metrics = run.head.metrics as readonly HeadMetric<unknown>[];
        const shared = new Map<string, unknown>();
        for (const metric of metrics) {
          expect(['higher', 'lower']).toContain(metric.better);
          const records = items.map((item) => metric.observe(item));
          expect(JSON.parse(JSON.stringify(records)), `records of ${metric.name} survive JSON`).toEqual(records);
          const record = metric.record ?? metric.name;
          if (!shared.has(record)) shared.set(record, records);
          expect(records, `metrics of the record "${record}" observe the same`).toEqual(shared.get(record));
          for (const some of [records, []]) {
            const value = metric.reduce(metric.prepare(some, metric.fit?.(some)), new Uint16Array(some.length).fill(1));
            expect(
              value === undefined || Number.isFinite(value),
              `${metric.name} of ${some.length} images is undefined or a number`,
            ).toBe(true);
          }
        }
      }),
    },
    {
      name: 'decision layers exist',
      run: withRun((run) => {
        const layers = run.built.model.layers.map(({ name }) => name);
        for (const name of run.head.decisionLayers ?? []) expect(layers).toContain(name);
      }),
    },
    {
      name: 'what can be explained has a score that can be differentiated',
      run: withRun((run) => {
        const { explain } = run.head;
        if (explain === undefined) return;
        const { targets } = explain;
        expect(targets.length, 'at least one target').toBeGreaterThan(0);
        expect(new Set(targets).size, `unique targets in ${targets.join(', ')}`).toBe(targets.length);
        const outputs = run.predict(2) as [tf.Tensor, ...tf.Tensor[]];
        const scores = tf.tidy(() => explain.scores(outputs).clone());
        expect(scores.shape, 'one score a sample and target').toEqual([2, targets.length]);
        const gradients = tf.grads((...xs: tf.Tensor[]) => explain.scores(xs as [tf.Tensor, ...tf.Tensor[]]).sum())(
          outputs,
        );
        for (const tensor of [scores, ...gradients])
          expect(tensor.dataSync().every(Number.isFinite), 'scores and their gradients are finite').toBe(true);
        tf.dispose([outputs, scores, gradients]);
      }),
    },
    {
      name: 'a saved model loads in plain TensorFlow.js with the same outputs',
      run: withRun(async (run) => {
        const expected = run.predict(2);
        const original = run.built.model;
        const loaded = await reloadModel(original);
        run.built.replaceModel(loaded);
        const actual = run.predict(2);
        run.built.replaceModel(original);
        actual.forEach((output, i) =>
          expect(tf.max(tf.abs(tf.sub(output, expected[i]!))).dataSync()[0], `output ${i}`).toBeLessThan(1e-5),
        );
        loaded.dispose();
        tf.dispose([expected, actual]);
      }),
    },
  ];
}

/** The known labels as an evaluation shows them to metrics, once seen by the head and, behind a gate, once held back. */
function metricItems(run: HeadRun, silent: LabelledInput): MetricItem<unknown>[] {
  const { labels, inputSize } = run.setup;
  const geometry = { inputSize, width: inputSize, height: inputSize };
  const outputs = run.predict(labels.length);
  const values = run.outputs(outputs);
  const predictions = run.decode(outputs, geometry);
  tf.dispose(outputs);
  return labels.flatMap((label, i) => {
    if (label === undefined) return [];
    const seen = { outputs: values[i], prediction: predictions[i], label, sample: silent, geometry };
    return run.head.empty === undefined
      ? [seen]
      : [seen, { ...seen, outputs: undefined, prediction: run.head.empty(geometry) as unknown }];
  });
}

function expectPrediction(prediction: unknown, { width, height }: ImageGeometry): void {
  expect(
    JSON.parse(JSON.stringify(prediction)),
    'a prediction survives JSON: no NaN, typed array or undefined',
  ).toEqual(prediction);
  const { boxes, mask } = prediction as {
    boxes?: { x: number; y: number; width: number; height: number }[];
    mask?: { width: number; height: number };
  };
  for (const box of boxes ?? []) {
    expect(Math.min(box.x, box.y, box.width, box.height), 'boxes start inside the image').toBeGreaterThanOrEqual(0);
    expect(box.x + box.width, 'boxes end inside the image').toBeLessThanOrEqual(width + 1e-6);
    expect(box.y + box.height, 'boxes end inside the image').toBeLessThanOrEqual(height + 1e-6);
  }
  if (mask !== undefined) expect([mask.width, mask.height], 'masks are of the original size').toEqual([width, height]);
}
