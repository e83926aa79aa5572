import {
  batchNorm,
  binaryCrossEntropy,
  concatenate,
  conv2d,
  convTranspose2d,
  defineEncoder,
  defineHead,
  dense,
  dropout,
  globalAveragePool,
  PluginRegistry,
  relu,
  type HeadMetric,
  type LabelledInput,
  type OutputValue,
} from '@multichexnet/core';
import { auroc, rankScores, type Ranking } from '@multichexnet/metrics';
import { SIDE, tinyDataset } from './tiny-data.js';

/** Two convolutions with batch norm: levels of 8 x 8 x 4 and 4 x 4 x 8. */
const encoder = defineEncoder({
  kind: 'tiny',
  apiVersion: 1,
  options: { type: 'object', properties: {}, additionalProperties: false },
  create: () => ({
    inputSize: SIDE,
    inputChannels: 1,
    build: (image) => {
      const block = (filters: number, name: string, x: typeof image): typeof image => {
        const convolved = conv2d({ filters, kernelSize: 3, strides: 2, useBias: false, name })(x);
        return relu(`${name}_relu`)(batchNorm({ name: `${name}_norm` })(convolved));
      };
      const first = block(4, 'conv1', image); // [b, 8, 8, 4]
      const second = block(8, 'conv2', first); // [b, 4, 4, 8]
      return {
        levels: [
          { name: 'conv1', stride: 2, tensor: first },
          { name: 'conv2', stride: 4, tensor: second },
        ],
        deepest: second,
        input: image,
      };
    },
  }),
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const numbers = (value: OutputValue): readonly number[] => (typeof value === 'number' ? [value] : [...value]);

/** AUROC of a score and a truth; its records are [score, truth]. */
function areaMetric<L, O extends readonly OutputValue[], P>(
  name: string,
  observe: HeadMetric<L, O, P, readonly [number, number]>['observe'],
): HeadMetric<L, O, P, readonly [number, number], unknown, Ranking> {
  return {
    name,
    better: 'higher',
    observe,
    prepare: (records) =>
      rankScores(
        records.map(([score]) => score),
        records.map(([, truth]) => truth),
      ),
    reduce: (ranking, multiplicity) => auroc(ranking, multiplicity),
  };
}

type Known = Readonly<Record<string, boolean>>;

/** Samples whose training labels a head was asked for, in order, when a test wants to know: of the dense head, of classification heads. */
export const drawn: { ids: string[] | undefined; classified: string[] | undefined } = {
  ids: undefined,
  classified: undefined,
};

/** Findings class by class; `features` with batch norm and dropout, `decision` as theta_dec. */
const cls = defineHead({
  kind: 'cls',
  apiVersion: 1,
  options: {
    type: 'object',
    properties: {
      classes: { type: 'array', items: { type: 'string' }, default: ['A', 'B'] },
      norm: { type: 'boolean', default: true },
      dropout: { type: 'number', default: 0.2 },
    },
    additionalProperties: false,
  },
  label: (sample, { classes }): Known | undefined => {
    const { labels } = sample;
    if ((sample as { split?: string }).split === 'train') drawn.classified?.push(sample.id);
    const known = Object.entries(labels.findings).filter(([name]) => classes.includes(name));
    return known.length === 0 ? undefined : Object.fromEntries(known);
  },
  create: ({ classes, norm, dropout: rate }) => ({
    build: ({ deepest }) => {
      const features = dense(6, 'relu', 'features')(globalAveragePool(deepest, 'pool')); // [b, 6]
      const normed = norm ? batchNorm({ name: 'norm' })(features) : features;
      return [dense(classes.length, 'linear', 'decision')(dropout(rate, 'drop')(normed))]; // [b, C]
    },
    knownSize: classes.length,
    known: (label: Known) => classes.map((name) => (label[name] === undefined ? 0 : 1)),
    encode: (label: Known) => [Float32Array.from(classes, (name) => Number(label[name] ?? false))],
    loss: ([logits], [target], known) => binaryCrossEntropy(logits, target, known),
    decode: ([logits]: readonly [OutputValue]) => numbers(logits).map(sigmoid),
    gateScore: ([logits]: readonly [OutputValue], wanted: readonly string[]) => {
      const own = numbers(logits).filter((_, i) => wanted.includes(classes[i] ?? ''));
      return own.length === 0 ? undefined : sigmoid(Math.max(...own));
    },
    empty: () => classes.map(() => 0),
    metrics: [
      areaMetric<Known, readonly [OutputValue], number[]>('auroc', ({ prediction, label }) => [
        prediction[0] ?? 0,
        Number(label[classes[0] ?? ''] ?? false),
      ]),
    ],
    decisionLayers: ['decision'],
  }),
});

/** A map at the finest level, from both levels. */
const map = defineHead({
  kind: 'map',
  apiVersion: 1,
  options: { type: 'object', properties: {}, additionalProperties: false },
  label: (sample: LabelledInput): Uint8Array | undefined => {
    if ((sample as { split?: string }).split === 'train') drawn.ids?.push(sample.id);
    return sample.input.mask;
  },
  create: () => ({
    build: ({ levels, deepest }) => {
      const fine = levels[0]?.tensor;
      if (fine === undefined) throw new Error('no levels');
      const up = convTranspose2d({ filters: 4, kernelSize: 2, strides: 2, name: 'up' })(deepest); // [b, 8, 8, 4]
      const hidden = conv2d({ filters: 4, kernelSize: 3, useBias: false, name: 'conv' })(
        concatenate([fine, up], 'skip'),
      );
      return [conv2d({ filters: 1, kernelSize: 1, name: 'out' })(relu('act')(batchNorm({ name: 'norm' })(hidden)))];
    },
    encode: (mask: Uint8Array, { inputSize }) => {
      const half = inputSize / 2;
      return [
        Float32Array.from(
          { length: half * half },
          (_, i) => mask[2 * Math.floor(i / half) * inputSize + 2 * (i % half)] ?? 0,
        ),
      ];
    },
    loss: ([logits], [target], known) => binaryCrossEntropy(logits, target, known),
    decode: ([logits]: readonly [Float32Array]) => Math.max(...[...logits].map(sigmoid)),
    empty: () => 0,
    metrics: [
      areaMetric<Uint8Array, readonly [Float32Array], number>('area', ({ prediction, label }) => [
        prediction,
        label.includes(1) ? 1 : 0,
      ]),
    ],
  }),
});

export const registry = new PluginRegistry({
  heads: [cls, map],
  encoders: [encoder],
  datasets: [tinyDataset],
});
