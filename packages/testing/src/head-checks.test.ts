import {
  dense,
  defineHead,
  globalAveragePool,
  huber,
  type AnyHeadPlugin,
  type HeadPlugin,
  type LabelledInput,
} from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { Check } from './checks.js';
import { headBehaviourChecks } from './head-behaviour-checks.js';
import type { HeadSetup } from './head-run.js';
import { headTrainingChecks } from './head-training-checks.js';
import { optionsChecks } from './options-checks.js';
import { testEngine } from './test-engine.js';

beforeAll(async () => {
  await testEngine();
});

const options = {
  type: 'object',
  properties: { hidden: { type: 'integer', default: 4 } },
  additionalProperties: false,
} as const;
type Years = HeadPlugin<typeof options, number, readonly [number], { readonly years: number }>;
type YearsHead = ReturnType<Years['create']>;

/** A head without fault, and what a fault may replace of it. */
function years(plugin: Partial<Years> = {}, head: (good: YearsHead) => Partial<YearsHead> = () => ({})): AnyHeadPlugin {
  const good: Years = {
    kind: 'years',
    apiVersion: 1,
    options,
    label: (sample) => sample.patient.ageYears,
    create: ({ hidden }) => {
      const whole: YearsHead = {
        build: ({ deepest }) => [
          dense(1, 'linear', 'out')(dense(hidden, 'tanh', 'hidden')(globalAveragePool(deepest))),
        ],
        encode: (age) => [age / 100],
        loss: ([output], [target], known) => huber(output, target, known),
        decode: ([value]) => ({ years: value * 100 }),
        metrics: [],
        decisionLayers: ['out'],
      };
      return { ...whole, ...head(whole) };
    },
  };
  return defineHead({ ...good, ...plugin }) as AnyHeadPlugin;
}

const silent: LabelledInput = {
  dataset: 'd',
  id: 'i',
  image: '/i.png',
  patient: { key: 'p' },
  labels: { findings: {} },
  input: { size: 32 },
};
const checksOf = (plugin: AnyHeadPlugin): Check[] => {
  const setup: HeadSetup = { plugin, options: { hidden: 4 }, labels: [31, 64, undefined], inputSize: 32, steps: 40 };
  return [
    ...optionsChecks(plugin, ['label', 'create'], {}),
    ...headBehaviourChecks(setup, silent),
    ...headTrainingChecks(setup),
  ];
};
const run = async (plugin: AnyHeadPlugin, name: string, context: TestContext): Promise<void> => {
  const check = checksOf(plugin).find((candidate) => candidate.name === name);
  if (check === undefined) throw new Error(`no check "${name}"`);
  await check.run(context);
};

describe('a head without fault passes every check', () => {
  for (const { name } of checksOf(years())) test(name, (context) => run(years(), name, context));
});

let shared: tf.layers.Layer | undefined;
let calls = 0;
const faults: readonly [fault: string, check: string, plugin: AnyHeadPlugin][] = [
  ['a kind with spaces', 'contract fields', years({ kind: 'Years Head' })],
  ['no label function', 'contract fields', years({ label: undefined as never })],
  ['open options', 'options are strict', years({ options: { type: 'object', properties: {} } as never })],
  [
    'unknown read as zero',
    'a sample that says nothing has no label',
    years({ label: (sample) => sample.patient.ageYears ?? 0 }),
  ],
  [
    'a target of the wrong length',
    'encode fills the targets',
    years({}, () => ({ encode: () => [Float32Array.of(1, 2)] })),
  ],
  ['targets that are not finite', 'encode fills the targets', years({}, () => ({ encode: () => [NaN] }))],
  ['encode that is not pure', 'encode fills the targets', years({}, () => ({ encode: () => [calls++] }))],
  [
    'fitted options that the schema refuses',
    'fit completes options, purely',
    years({ fit: (given) => ({ ...given, width: 3 }) }),
  ],
  [
    'a fit that changes what it was given',
    'fit completes options, purely',
    years({ fit: (given) => Object.assign(given, { hidden: given.hidden + 1 }) }),
  ],
  [
    'a loss that divides by nothing',
    'unknown labels count for nothing',
    years({}, () => ({ loss: ([o], [t], k) => tf.div(tf.sum(tf.mul(tf.squaredDifference(o, t), k)), tf.sum(k)) })),
  ],
  [
    'a loss that forgets the mask',
    'unknown labels count for nothing',
    years({}, () => ({ loss: ([o], [t]) => tf.mean(tf.squaredDifference(o, t)) })),
  ],
  [
    'a loss per sample',
    'the loss is finite for every label, empty ones included',
    years({}, () => ({ loss: ([o], [t]) => tf.squaredDifference<tf.Scalar>(o, t) })),
  ],
  [
    'a prediction with NaN',
    'decode gives plain JSON in original coordinates',
    years({}, () => ({ decode: () => ({ years: NaN }) })),
  ],
  [
    'a typed array in a prediction',
    'decode gives plain JSON in original coordinates',
    years({}, () => ({ decode: () => ({ years: Float32Array.of(1) as never }) })),
  ],
  [
    'boxes outside the image',
    'decode gives plain JSON in original coordinates',
    years({}, () => ({ decode: () => ({ years: 1, boxes: [{ x: 0, y: 0, width: 64, height: 64 }] }) })),
  ],
  [
    'a record that no file can hold',
    'metrics have unique names and judge predictions',
    years({}, () => ({ metrics: [{ ...metric(), observe: () => NaN }] })),
  ],
  [
    'two metrics of one name',
    'metrics have unique names and judge predictions',
    years({}, () => ({ metrics: [metric(), metric()] })),
  ],
  ['a decision layer that is not built', 'decision layers exist', years({}, () => ({ decisionLayers: ['fc'] }))],
  [
    'weights that nothing reads',
    'every trainable variable gets a gradient',
    years({}, () => ({ loss: ([o], [t], k) => huber(tf.mul(o, 0), t, k) })),
  ],
  [
    'a loss that cannot fall',
    'the loss falls on a toy batch',
    years({}, (good) => ({ loss: (o, t, k) => tf.add(good.loss(o, t, k), 5) })),
  ],
  [
    'random initial weights',
    'the same seed gives the same numbers, another seed others',
    years({}, () => ({
      build: ({ deepest }) => [
        tf.layers.dense({ units: 1, name: 'out' }).apply(globalAveragePool(deepest)) as tf.SymbolicTensor,
      ],
    })),
  ],
  [
    'a layer shared by all instances',
    'two instances do not share state',
    years({}, () => ({
      build: ({ deepest }) => {
        shared ??= tf.layers.dense({ units: 1, name: 'out' });
        return [shared.apply(globalAveragePool(deepest)) as tf.SymbolicTensor];
      },
    })),
  ],
  [
    'a tensor left behind by every step',
    'no tensor leaks across steps and predictions',
    years({}, (good) => ({
      loss: (o, t, k) => {
        tf.keep(tf.scalar(1));
        return good.loss(o, t, k);
      },
    })),
  ],
];

describe('each fault is found', () => {
  for (const [fault, name, plugin] of faults) {
    test(`${fault}: "${name}"`, async (context) => {
      await expect(run(plugin, name, context)).rejects.toThrow();
    });
  }
});

test('a value read inside a step is found, as a step that cannot be traced', async (context) => {
  if ((await testEngine()) === undefined) context.skip('TensorFlow’s library is not installed (multichexnet setup)');
  const reads = years({}, (good) => ({
    loss: (o, t, k) => tf.mul(good.loss(o, t, k), k.dataSync().length > 0 ? 1 : 2),
  }));
  await expect(run(reads, 'a traced step computes what an eager one does', context)).rejects.toThrow(
    expect.objectContaining({ code: 'TRACE_VALUE_READ' }),
  );
});

function metric(): YearsHead['metrics'][number] {
  return { name: 'same', better: 'lower', observe: () => 0, prepare: () => 0, reduce: () => undefined };
}
