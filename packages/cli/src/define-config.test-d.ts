import { defineHead } from '@multichexnet/core';
import { defineConfig } from './define-config.js';

const age = defineHead({
  kind: 'age',
  apiVersion: 1,
  options: { type: 'object', properties: { hidden: { type: 'integer' } }, additionalProperties: false } as const,
  label: (sample) => sample.patient.ageYears,
  create: () => {
    throw new Error('types only');
  },
});

defineConfig({
  plugins: [age, './other-head/index.ts'],
  datasets: { rsna: { kind: 'rsna', root: 'data/rsna' }, siim: { kind: 'siim', root: 'data/siim' } },
  model: {
    encoder: { kind: 'densenet', depth: 121, size: 256 },
    heads: { det: { kind: 'det', anchors: 3 }, seg: { kind: 'seg' }, age: { kind: 'age', hidden: 64 } },
  },
  train: {
    schedule: {
      kind: 'alternating',
      turns: [
        { dataset: 'rsna', heads: ['det', 'age'] },
        { dataset: 'siim', heads: ['seg'] },
      ],
    },
    gate: { from: 'runs/gates', teacherForcing: 0.9 },
    optimizer: { kind: 'adam', learningRate: 1e-4, clipNorm: 1, schedule: { kind: 'step', milestones: [1000] } },
    steps: 20_000,
    batchSize: 8,
    precision: 'bfloat16',
    ...{ accumulate: 2, ema: 0.999, guard: { skips: 5, spike: 10 }, logGradients: 100 },
    weighting: { kind: 'dwa', temperature: 2 },
    select: { metric: 'det.mAP', on: 'rsna', patience: 5 },
    seed: 1,
  },
});

defineConfig({
  datasets: { rsna: { kind: 'rsna', root: 'data/rsna' } },
  model: {
    // @ts-expect-error -- 100 is no depth
    encoder: { kind: 'densenet', depth: 100 },
    // @ts-expect-error -- "ancors" is no option
    heads: { det: { kind: 'det', ancors: 3 } },
  },
  train: {
    schedule: {
      kind: 'alternating',
      turns: [
        // @ts-expect-error -- there is no dataset "rsnaa"
        { dataset: 'rsnaa', heads: ['det'] },
        // @ts-expect-error -- there is no head "dett"
        { dataset: 'rsna', heads: ['dett'] },
      ],
    },
    steps: 1,
  },
});

defineConfig({
  datasets: { rsna: { kind: 'rsna', root: 'data/rsna' } },
  model: { encoder: { kind: 'densenet' }, heads: { det: { kind: 'det' } } },
  train: {
    schedule: { kind: 'joint', turns: [{ dataset: 'rsna', heads: ['det'] }] },
    steps: 1,
    // @ts-expect-error -- "stepps" is no key
    stepps: 1,
  },
});

defineConfig({
  plugins: [age],
  datasets: { rsna: { kind: 'rsna', root: 'data/rsna' } },
  // @ts-expect-error -- somebody else's head has no option "hiden"
  model: { encoder: { kind: 'densenet' }, heads: { age: { kind: 'age', hiden: 64 } } },
  train: { schedule: { kind: 'joint', turns: [{ dataset: 'rsna', heads: ['age'] }] }, steps: 1 },
});
