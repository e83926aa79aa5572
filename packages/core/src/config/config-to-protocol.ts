import type { ProtocolConfig } from '../protocol/protocol.js';
import type { UserConfig } from './user-config.js';

/** The one phase of a config's protocol. */
export const TRAIN_PHASE = 'train';

/** Where weights and gates come from, as phases of other runs (`runs/a#det`). */
export interface RunReferences {
  readonly from?: string | Readonly<Record<string, string>>;
  readonly gate?: Readonly<Record<string, string>>;
}

/** A config as a protocol value of one phase, before its schema fills in defaults; so that `train` is a protocol run like any other. */
export function configToProtocol(config: UserConfig, references: RunReferences): Record<string, unknown> {
  const { name, datasets, model, train } = config;
  const { learningRate, schedule: rate, clipNorm, ...optimizer } = train.optimizer ?? { kind: 'adam' as const };
  const { turns, ...schedule } = train.schedule;
  const value: Partial<Record<keyof ProtocolConfig, unknown>> = {
    name: name ?? TRAIN_PHASE,
    seed: train.seed,
    resamples: train.resamples,
    maxBroken: train.maxBroken,
    preprocessing: train.preprocessing,
    workers: train.workers,
    prefetch: train.prefetch,
    cache: train.cache,
    splits: train.splits,
    datasets,
    model,
    defaults: {
      steps: train.steps,
      batchSize: train.batchSize,
      accumulate: train.accumulate,
      optimizer,
      clipNorm,
      ema: train.ema,
      precision: train.precision,
      guard: typeof train.guard === 'number' ? { skips: train.guard } : train.guard,
      learningRate: { base: learningRate, ...rate },
      augment: train.augment,
      positivePortion: train.positivePortion,
      sampling: train.sampling,
      weights: train.weights,
      weighting: train.weighting,
      logGradients: train.logGradients,
      batchNorm: train.batchNorm,
      syncBatchNorm: train.syncBatchNorm,
      select: train.select,
      checkpointEvery: train.checkpointEvery,
      teacherForcing:
        typeof train.gate?.teacherForcing === 'number'
          ? { probability: train.gate.teacherForcing }
          : train.gate?.teacherForcing,
    },
    phases: {
      [TRAIN_PHASE]: {
        schedule: {
          ...schedule,
          turns: turns.map(({ dataset, heads, ratio }) => ({ on: dataset, train: ['encoder', ...heads], ratio })),
        },
        from: references.from,
        gate: references.gate,
        freeze: train.freeze,
        fresh: train.fresh,
        boxesFromMasks: train.boxesFromMasks,
      },
    },
  };
  return withoutUndefined(value) as Record<string, unknown>;
}

const PATHS: readonly (readonly [RegExp, string])[] = [
  [/^phases\.train\.schedule\.turns\[(\d+)\]\.on/, 'train.schedule.turns[$1].dataset'],
  [/^phases\.train\.schedule\.turns\[(\d+)\]\.train/, 'train.schedule.turns[$1].heads'],
  [/^phases\.train\.gate/, 'train.gate.from'],
  [/^phases\.train\.heads/, 'model.heads'],
  [/^phases\.train\.learningRate/, 'train.optimizer.schedule'],
  [/^phases\.train/, 'train'],
  [/^defaults\.learningRate\.base/, 'train.optimizer.learningRate'],
  [/^defaults\.learningRate/, 'train.optimizer.schedule'],
  [/^defaults\.clipNorm/, 'train.optimizer.clipNorm'],
  [/^defaults\.teacherForcing/, 'train.gate.teacherForcing'],
  [/^defaults/, 'train'],
  [/^(seed|resamples|maxBroken|preprocessing|workers|prefetch|cache|splits)/, 'train.$1'],
];

/** A path of the protocol in the words of the config that it was made from. */
export function configPathOf(path: string): string {
  for (const [pattern, replacement] of PATHS) if (pattern.test(path)) return path.replace(pattern, replacement);
  return path;
}

/** An absent key and one that is undefined are the same to people and not to a schema. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]) => [key, withoutUndefined(entry)]),
  );
}
