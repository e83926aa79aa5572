import { name, names, scheduleSchema } from '../schedule/schedule-schema.js';
import { BYTE_SIZE, DEFAULT_CACHE_LIMIT } from '../data/image-cache/cache-options.js';
import { weightingSchema } from '../weighting/create-weighting.js';

/** JSON Schema of a protocol file; plugin options inside `model` and `datasets` are checked by the plugins' own schemas. */
/** Names become files, folders and parts of parameter names. */
const keys = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_+-]*$' } as const;
const headKeys = { type: 'string', pattern: '^(?!encoder$)[A-Za-z0-9][A-Za-z0-9_+-]*$' } as const;
const choice = { type: 'object', required: ['kind'], properties: { kind: name }, additionalProperties: true } as const;
const fraction = { type: 'number', minimum: 0, maximum: 1 } as const;
/** Share of the training patients that a dataset trains with. */
export const fractionSchema = {
  type: 'number',
  exclusiveMinimum: 0,
  maximum: 1,
  description: 'share of the training patients to train with: 0.01 lies inside 0.1',
} as const;

const optimizer = {
  type: 'object',
  required: ['kind'],
  properties: { kind: name },
  discriminator: { propertyName: 'kind' },
  oneOf: [
    {
      properties: { kind: { const: 'sgd' }, momentum: fraction, weightDecay: { type: 'number', minimum: 0 } },
      additionalProperties: false,
    },
    {
      properties: {
        kind: { const: 'adam' },
        beta1: fraction,
        beta2: fraction,
        epsilon: { type: 'number', exclusiveMinimum: 0 },
      },
      additionalProperties: false,
    },
    {
      properties: {
        kind: { const: 'adamw' },
        beta1: fraction,
        beta2: fraction,
        epsilon: { type: 'number', exclusiveMinimum: 0 },
        weightDecay: { type: 'number', minimum: 0 },
      },
      additionalProperties: false,
    },
  ],
} as const;

const learningRateProperties = {
  base: { type: 'number', exclusiveMinimum: 0 },
  kind: { type: 'string', enum: ['constant', 'cosine', 'step', 'plateau'] },
  warmup: { type: 'integer', minimum: 0 },
  milestones: { type: 'array', items: { type: 'integer', minimum: 1 } },
  factor: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
  patience: { type: 'integer', minimum: 0 },
} as const;

const augmentProperties = {
  flip: { type: 'boolean' },
  rotate: { type: 'number', minimum: 0, maximum: 180 },
  scale: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  translate: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  brightness: { type: 'number', minimum: 0, maximum: 1 },
  contrast: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  gamma: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  crop: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  elastic: { type: 'number', minimum: 0, maximum: 0.1 },
  grid: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  optical: { type: 'number', minimum: 0, maximum: 0.15 },
  clahe: fraction,
  noise: fraction,
} as const;

const guardProperties = {
  skips: { type: 'integer', minimum: 0 },
  spike: { anyOf: [{ const: 0 }, { type: 'number', exclusiveMinimum: 1 }] },
} as const;

const teacherForcingProperties = {
  probability: fraction,
  per: { type: 'string', enum: ['batch', 'sample'] },
  negatives: fraction,
} as const;

const steps = {
  anyOf: [
    { type: 'integer', minimum: 1 },
    { type: 'object', required: ['of'], properties: { of: name }, additionalProperties: false },
  ],
} as const;

const weights = { type: 'object', additionalProperties: { type: 'number', minimum: 0 } } as const;

/** How training images are drawn where no gate decides: in shuffled epochs, every class equally often, or rare classes repeated (LVIS). */
export const samplingSchema = {
  anyOf: [
    { type: 'string', enum: ['plain', 'class-balanced'] },
    {
      type: 'object',
      required: ['kind', 'threshold'],
      properties: {
        kind: { type: 'string', const: 'repeat-factor' },
        threshold: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
      },
      additionalProperties: false,
    },
  ],
} as const;

export const selectSchema = {
  type: 'object',
  required: ['metric', 'on'],
  properties: {
    metric: { ...name, description: '<head>.<metric>' },
    on: { ...name, description: 'dataset on whose validation part it is measured' },
    every: { type: 'integer', minimum: 1, default: 100, description: 'steps between validations' },
    patience: {
      type: 'integer',
      minimum: 1,
      description: 'validations without a better value after which the training ends',
    },
  },
  additionalProperties: false,
} as const;

/** Properties that phases and defaults share, without defaults. */
const settings = {
  steps,
  batchSize: { type: 'integer', minimum: 1 },
  accumulate: { type: 'integer', minimum: 1 },
  optimizer,
  clipNorm: { type: 'number', minimum: 0 },
  ema: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  precision: { type: 'string', enum: ['float32', 'bfloat16'] },
  positivePortion: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  sampling: samplingSchema,
  weights,
  weighting: weightingSchema,
  logGradients: { type: 'integer', minimum: 0 },
  batchNorm: { type: 'string', enum: ['separate', 'together'] },
  syncBatchNorm: { type: 'boolean' },
  select: selectSchema,
  checkpointEvery: { type: 'integer', minimum: 0 },
} as const;

export const preprocessingSchema = {
  type: 'object',
  properties: {
    crop: {
      type: 'string',
      enum: ['none', 'borders'],
      description: 'borders: black or white bars at the edges are cut off before resizing; default none',
    },
  },
  additionalProperties: false,
} as const;

export const cacheSchema = {
  anyOf: [
    name,
    {
      type: 'object',
      required: ['folder'],
      properties: { folder: name, limit: { type: 'string', pattern: BYTE_SIZE } },
      additionalProperties: false,
    },
  ],
  description: `folder of prepared images, or { folder, limit: "${DEFAULT_CACHE_LIMIT}" }; results do not depend on it`,
} as const;

export const phaseSchema = {
  type: 'object',
  properties: {
    ...settings,
    like: name,
    train: names,
    on: name,
    schedule: scheduleSchema,
    from: { anyOf: [name, { type: 'object', additionalProperties: name }] },
    fresh: names,
    freeze: names,
    heads: { type: 'object', additionalProperties: { type: 'object', additionalProperties: true } },
    gate: { anyOf: [name, { type: 'object', additionalProperties: name }] },
    teacherForcing: {
      anyOf: [fraction, { type: 'object', properties: teacherForcingProperties, additionalProperties: false }],
    },
    learningRate: {
      anyOf: [
        { type: 'number', exclusiveMinimum: 0 },
        { type: 'object', properties: learningRateProperties, additionalProperties: false },
      ],
    },
    augment: { type: 'object', properties: augmentProperties, additionalProperties: false },
    guard: {
      anyOf: [guardProperties.skips, { type: 'object', properties: guardProperties, additionalProperties: false }],
    },
    boxesFromMasks: {
      type: 'object',
      required: ['minArea'],
      properties: { minArea: { type: 'integer', minimum: 1 } },
      additionalProperties: false,
    },
    crossValidate: {
      anyOf: [
        { type: 'string', const: 'auto' },
        {
          type: 'object',
          required: ['folds', 'repeats'],
          properties: {
            folds: { type: 'integer', minimum: 2 },
            repeats: { type: 'integer', minimum: 1, description: 'times that the folds are dealt anew' },
            group: {
              type: 'string',
              enum: ['patient', 'source'],
              description:
                'what stays in one fold, by default a patient; source: every test image is from a source that was not trained on',
            },
          },
          additionalProperties: false,
        },
        {
          type: 'object',
          required: ['by', 'least'],
          properties: { by: { const: 'source' }, least: { type: 'integer', minimum: 1 } },
          additionalProperties: false,
        },
      ],
    },
    shots: {
      type: 'object',
      required: ['finding', 'count'],
      properties: { finding: name, count: { type: 'integer', minimum: 1 } },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const;

const row = {
  type: 'object',
  required: ['label', 'phase', 'on'],
  properties: {
    label: name,
    phase: name,
    on: { type: 'object', additionalProperties: { anyOf: [name, names] } },
    gate: { type: 'string', enum: ['trained', 'oracle', 'none'] },
    paper: { type: 'object', additionalProperties: { type: 'string' } },
    against: name,
    remark: { type: 'string' },
  },
  additionalProperties: false,
} as const;

const defaults = {
  type: 'object',
  default: {},
  properties: {
    ...settings,
    steps: { ...steps, default: 1000 },
    batchSize: { ...settings.batchSize, default: 8 },
    accumulate: { ...settings.accumulate, default: 1 },
    optimizer: { ...optimizer, default: { kind: 'adam' } },
    clipNorm: { ...settings.clipNorm, default: 0 },
    ema: { ...settings.ema, default: 0 },
    precision: { ...settings.precision, default: 'float32' },
    positivePortion: { ...settings.positivePortion, default: 0 },
    sampling: { ...samplingSchema, default: 'plain' },
    weights: { ...weights, default: {} },
    weighting: { ...weightingSchema, default: { kind: 'static' } },
    logGradients: { ...settings.logGradients, default: 0 },
    batchNorm: { ...settings.batchNorm, default: 'separate' },
    syncBatchNorm: { ...settings.syncBatchNorm, default: false },
    checkpointEvery: { ...settings.checkpointEvery, default: 200 },
    learningRate: {
      type: 'object',
      default: {},
      properties: {
        base: { ...learningRateProperties.base, default: 1e-4 },
        kind: { ...learningRateProperties.kind, default: 'constant' },
        warmup: { ...learningRateProperties.warmup, default: 0 },
        milestones: { ...learningRateProperties.milestones, default: [] },
        factor: { ...learningRateProperties.factor, default: 0.1 },
        patience: { ...learningRateProperties.patience, default: 10 },
      },
      additionalProperties: false,
    },
    augment: {
      type: 'object',
      default: {},
      properties: {
        flip: { ...augmentProperties.flip, default: false },
        rotate: { ...augmentProperties.rotate, default: 0 },
        scale: { ...augmentProperties.scale, default: 0 },
        translate: { ...augmentProperties.translate, default: 0 },
        brightness: { ...augmentProperties.brightness, default: 0 },
        contrast: { ...augmentProperties.contrast, default: 0 },
        gamma: { ...augmentProperties.gamma, default: 0 },
        crop: { ...augmentProperties.crop, default: 0 },
        elastic: { ...augmentProperties.elastic, default: 0 },
        grid: { ...augmentProperties.grid, default: 0 },
        optical: { ...augmentProperties.optical, default: 0 },
        clahe: { ...augmentProperties.clahe, default: 0 },
        noise: { ...augmentProperties.noise, default: 0 },
      },
      additionalProperties: false,
    },
    guard: {
      type: 'object',
      default: {},
      properties: {
        skips: { ...guardProperties.skips, default: 0 },
        spike: { ...guardProperties.spike, default: 0 },
      },
      additionalProperties: false,
    },
    teacherForcing: {
      type: 'object',
      default: {},
      properties: {
        probability: { ...fraction, default: 0.9 },
        per: { ...teacherForcingProperties.per, default: 'batch' },
        negatives: { ...fraction, default: 0 },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const;

export const protocolSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'MultiCheXNet protocol',
  type: 'object',
  required: ['name', 'datasets', 'model', 'phases'],
  properties: {
    $schema: { type: 'string' },
    name,
    description: { type: 'string' },
    note: { type: 'string' },
    seed: { type: 'integer', minimum: 0, maximum: 2147483647, default: 1 },
    seeds: {
      type: 'array',
      items: { type: 'integer', minimum: 0, maximum: 2147483647 },
      minItems: 2,
      uniqueItems: true,
    },
    resamples: { type: 'integer', minimum: 100, default: 1000 },
    maxBroken: { type: 'integer', minimum: 0, default: 0 },
    preprocessing: preprocessingSchema,
    workers: { type: 'integer', minimum: 0, maximum: 64 },
    prefetch: { type: 'integer', minimum: 1, maximum: 64, default: 2 },
    cache: cacheSchema,
    splits: {
      type: 'object',
      default: {},
      properties: {
        validation: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.1 },
        test: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.2 },
        seed: { type: 'integer', minimum: 0, maximum: 2147483647 },
      },
      additionalProperties: false,
    },
    datasets: {
      type: 'object',
      propertyNames: keys,
      additionalProperties: {
        ...choice,
        properties: { kind: name, root: { type: 'string' }, fraction: fractionSchema },
      },
    },
    model: {
      type: 'object',
      required: ['encoder', 'heads'],
      properties: { encoder: choice, heads: { type: 'object', propertyNames: headKeys, additionalProperties: choice } },
      additionalProperties: false,
    },
    defaults,
    phases: { type: 'object', minProperties: 1, propertyNames: keys, additionalProperties: phaseSchema },
    tables: {
      type: 'object',
      default: {},
      propertyNames: keys,
      additionalProperties: {
        type: 'object',
        required: ['title', 'columns', 'rows'],
        properties: {
          title: { type: 'string' },
          columns: { type: 'object', additionalProperties: name },
          rows: { type: 'array', items: row },
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
} as const;
