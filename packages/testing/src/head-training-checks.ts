import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { Check } from './checks.js';
import { expectCloseSteps } from './expect-close-steps.js';
import { HeadRun, type HeadSetup } from './head-run.js';
import { needEngine } from './test-engine.js';

/** Checks of what training does to a head. */
export function headTrainingChecks(setup: HeadSetup): Check[] {
  const { labels, steps } = setup;
  const withRuns = (seeds: readonly number[], fn: (...runs: HeadRun[]) => void) => () => {
    const runs = seeds.map((seed) => new HeadRun(setup, seed));
    try {
      fn(...runs);
    } finally {
      for (const run of runs) run.dispose();
    }
  };
  return [
    {
      name: 'every trainable variable gets a gradient',
      run: withRuns([1], (run) => {
        const { value, grads } = run.gradients(labels);
        expect(run.trainable.length).toBeGreaterThan(0);
        for (const weight of run.built.model.trainableWeights) {
          const gradient = grads[(weight.read() as tf.Variable).name] ?? null;
          expect(gradient, `gradient of "${weight.originalName}"`).not.toBeNull();
        }
        for (const weight of run.trainable) {
          const gradient = grads[weight.name]!.dataSync();
          expect(gradient.every(Number.isFinite), `finite gradient of "${weight.name}"`).toBe(true);
          expect(
            gradient.some((g) => g !== 0),
            `gradient of "${weight.name}" is not all zero`,
          ).toBe(true);
        }
        tf.dispose([value, grads]);
      }),
    },
    {
      name: 'the loss falls on a toy batch',
      run: withRuns([1], (run) => {
        const losses = Array.from({ length: steps }, () => run.step(labels));
        const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
        expect(losses.every(Number.isFinite)).toBe(true);
        expect(mean(losses.slice(-4)), `losses ${losses.map((loss) => loss.toPrecision(3)).join(' ')}`).toBeLessThan(
          0.8 * mean(losses.slice(0, 4)),
        );
      }),
    },
    {
      name: 'a traced step computes what an eager one does',
      run: async (context) => {
        const engine = await needEngine(context);
        const run = new HeadRun(setup);
        const eager = run.eagerStep(labels);
        const traced = await run.tracedStep(engine, labels);
        run.dispose();
        expectCloseSteps(traced, eager);
      },
    },
    {
      name: 'the same seed gives the same numbers, another seed others',
      run: withRuns([1, 1, 2], (a, b, c) => {
        expect(b.weights()).toEqual(a.weights());
        expect(c.weights()).not.toEqual(a.weights());
        const losses = [a, b].map((run) => [run.step(labels), run.step(labels)]);
        expect(losses[1]).toEqual(losses[0]);
        expect(b.weights()).toEqual(a.weights());
      }),
    },
    {
      name: 'two instances do not share state',
      run: withRuns([1, 1], (a, b) => {
        const before = b.weights();
        a.step(labels);
        expect(a.weights()).not.toEqual(before);
        expect(b.weights()).toEqual(before);
      }),
    },
    {
      name: 'no tensor leaks across steps and predictions',
      run: withRuns([1], (run) => {
        const cycle = (): number => {
          run.step(labels);
          tf.dispose(run.predict(2));
          return tf.memory().numTensors;
        };
        cycle(); // the optimizer makes its moments in the first step
        const counts = [cycle(), cycle(), cycle()];
        expect(counts).toEqual([counts[0], counts[0], counts[0]]);
      }),
    },
    {
      name: 'disposing a model frees its weights',
      run: () => {
        const before = tf.memory().numTensors;
        new HeadRun(setup).dispose();
        expect(tf.memory().numTensors).toBe(before);
      },
    },
  ];
}
