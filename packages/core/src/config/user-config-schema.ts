import { fractionSchema, samplingSchema } from '../protocol/protocol-schema.js';
import { cacheSchema, preprocessingSchema, selectSchema } from '../protocol/protocol-schema.js';
import { scheduleOver } from '../schedule/schedule-schema.js';
import { weightingSchema } from '../weighting/create-weighting.js';

/** JSON Schema of a config's envelope; plugin options inside `model` and `datasets` are checked by the plugins' own schemas. */
const name = { type: 'string', minLength: 1 } as const;
const names = { type: 'array', items: name, minItems: 1 } as const;
const fraction = { type: 'number', minimum: 0, maximum: 1 } as const;
const notNegative = { type: 'number', minimum: 0 } as const;
const reference = { anyOf: [name, { type: 'object', additionalProperties: name }] } as const;
export const choiceSchema = {
  type: 'object',
  required: ['kind'],
  properties: { kind: name },
  additionalProperties: true,
} as const;

const schedule = scheduleOver({
  type: 'object',
  required: ['dataset', 'heads'],
  properties: { dataset: name, heads: names, ratio: { type: 'number', exclusiveMinimum: 0 } },
  additionalProperties: false,
} as const);

const rate = {
  learningRate: { type: 'number', exclusiveMinimum: 0, description: 'default 1e-4' },
  schedule: {
    type: 'object',
    required: ['kind'],
    properties: {
      kind: { type: 'string', enum: ['constant', 'cosine', 'step', 'plateau'] },
      warmup: { type: 'integer', minimum: 0, description: 'steps of linear warm-up' },
      milestones: {
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        description: 'kind step: steps from which on the rate is multiplied by factor',
      },
      factor: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'default 0.1' },
      patience: {
        type: 'integer',
        minimum: 0,
        description: 'kind plateau: validations without a better value that are waited for; default 10',
      },
    },
    additionalProperties: false,
  },
  clipNorm: { ...notNegative, description: 'largest norm of all gradients of a step together; 0 = as they are' },
} as const;
const moments = { beta1: fraction, beta2: fraction, epsilon: { type: 'number', exclusiveMinimum: 0 } } as const;

const optimizer = {
  type: 'object',
  required: ['kind'],
  properties: { kind: name },
  discriminator: { propertyName: 'kind' },
  oneOf: [
    {
      properties: { kind: { const: 'sgd' }, momentum: fraction, weightDecay: notNegative, ...rate },
      additionalProperties: false,
    },
    { properties: { kind: { const: 'adam' }, ...moments, ...rate }, additionalProperties: false },
    {
      properties: { kind: { const: 'adamw' }, ...moments, weightDecay: notNegative, ...rate },
      additionalProperties: false,
    },
  ],
} as const;

const gate = {
  type: 'object',
  required: ['from'],
  properties: {
    from: { ...reference, description: 'a run that trained gates, RUN#PHASE, one for each head, or own' },
    teacherForcing: {
      anyOf: [
        fraction,
        {
          type: 'object',
          properties: {
            probability: fraction,
            per: { type: 'string', enum: ['batch', 'sample'] },
            negatives: fraction,
          },
          additionalProperties: false,
        },
      ],
    },
  },
  additionalProperties: false,
} as const;

const augment = {
  type: 'object',
  properties: {
    flip: { type: 'boolean', description: 'mirror half of the images; off by default, since a chest has sides' },
    rotate: { type: 'number', minimum: 0, maximum: 180, description: 'largest angle either way, degrees' },
    scale: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'x: sizes from 1 - x to 1 / (1 - x)' },
    translate: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'largest shift, share of the side' },
    brightness: { ...fraction, description: 'largest shift of the values, share of their range' },
    contrast: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'x: factors from 1 - x to 1 / (1 - x)' },
    gamma: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'x: exponents from 1 - x to 1 / (1 - x)' },
    crop: { type: 'number', minimum: 0, exclusiveMaximum: 1, description: 'largest share of the area cut away' },
    elastic: {
      type: 'number',
      minimum: 0,
      maximum: 0.1,
      description: 'largest smooth displacement, share of the side',
    },
    grid: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      description: 'largest change of the cells of a 5 x 5 grid',
    },
    optical: { type: 'number', minimum: 0, maximum: 0.15, description: 'largest lens distortion either way' },
    clahe: { ...fraction, description: 'share of the images with local contrast equalised' },
    noise: { ...fraction, description: 'largest deviation of noise, share of the range of values' },
  },
  additionalProperties: false,
} as const;

const part = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 } as const;

const train = {
  type: 'object',
  required: ['schedule', 'steps'],
  properties: {
    schedule,
    gate,
    optimizer,
    steps: { type: 'integer', minimum: 1 },
    batchSize: { type: 'integer', minimum: 1, description: 'default 8' },
    accumulate: { type: 'integer', minimum: 1, description: 'micro-batches of a step; default 1' },
    ema: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      description: 'moving averages of the weights are evaluated and saved; 0.999, say',
    },
    guard: {
      anyOf: [
        { type: 'integer', minimum: 0 },
        {
          type: 'object',
          properties: {
            skips: { type: 'integer', minimum: 0, description: 'bad steps in a row that end the training' },
            spike: { type: 'number', exclusiveMinimum: 1, description: 'times the usual norm of the gradients' },
          },
          additionalProperties: false,
        },
      ],
    },
    precision: { type: 'string', enum: ['float32', 'bfloat16'] },
    seed: { type: 'integer', minimum: 0, maximum: 2147483647 },
    weights: { type: 'object', additionalProperties: notNegative },
    weighting: weightingSchema,
    logGradients: {
      type: 'integer',
      minimum: 0,
      description: "steps between two that log the norms and angles of the losses' gradients; 0 = never",
    },
    augment,
    from: reference,
    freeze: names,
    fresh: names,
    batchNorm: { type: 'string', enum: ['separate', 'together'] },
    syncBatchNorm: {
      type: 'boolean',
      description: 'with several processes: batch norm sees the batch of all of them; default false, each its part',
    },
    positivePortion: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
    sampling: samplingSchema,
    boxesFromMasks: {
      type: 'object',
      required: ['minArea'],
      properties: { minArea: { type: 'integer', minimum: 1 } },
      additionalProperties: false,
    },
    select: selectSchema,
    checkpointEvery: { type: 'integer', minimum: 0 },
    patientMap: name,
    maxBroken: { type: 'integer', minimum: 0 },
    preprocessing: preprocessingSchema,
    workers: {
      type: 'integer',
      minimum: 0,
      maximum: 64,
      description: 'threads that read and augment images; 0 = the main thread; default one a core, at most 4',
    },
    prefetch: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      description: 'steps whose batches are prepared ahead; default 2',
    },
    cache: cacheSchema,
    splits: { type: 'object', properties: { validation: part, test: part }, additionalProperties: false },
    resamples: { type: 'integer', minimum: 100 },
  },
  additionalProperties: false,
} as const;

export const userConfigSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'MultiCheXNet config',
  type: 'object',
  required: ['datasets', 'model', 'train'],
  properties: {
    $schema: { type: 'string' },
    name: { type: 'string', pattern: '^[\\w.-]+$' },
    plugins: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'npm packages or relative paths of plugins',
    },
    datasets: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        ...choiceSchema,
        required: ['kind', 'root'],
        properties: { kind: name, root: name, fraction: fractionSchema },
      },
    },
    model: {
      type: 'object',
      required: ['encoder', 'heads'],
      properties: {
        encoder: choiceSchema,
        heads: { type: 'object', minProperties: 1, additionalProperties: choiceSchema },
      },
      additionalProperties: false,
    },
    train,
    out: name,
  },
  additionalProperties: false,
} as const;
