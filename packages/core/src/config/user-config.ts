import type { Sampling } from '../gate/sampling.js';
import type { CacheConfig } from '../data/image-cache/cache-options.js';
import type { PreprocessingConfig } from '../data/preprocessing.js';
import type { OptimizerConfig, Precision } from '../engine/engine.js';
import type { Choice } from '../model/network.js';
import type { AugmentConfig, DatasetChoice, PhaseSettings } from '../protocol/protocol.js';
import type { SelectConfig } from '../train/best-validation.js';
import type { LearningRateConfig } from '../train/learning-rate.js';
import type { GuardConfig } from '../train/step-guard.js';
import type { DwaOptions } from '../weighting/dwa.js';
import type { GradNormOptions } from '../weighting/grad-norm.js';

/** What `multichexnet train` takes, plugins left out: one network, one schedule. Relative paths are relative to the working directory. */
export interface UserConfig {
  readonly $schema?: string;
  /** Names the run; default `train`. */
  readonly name?: string;
  readonly datasets: Readonly<Record<string, DatasetChoice>>;
  readonly model: { readonly encoder: Choice; readonly heads: Readonly<Record<string, Choice>> };
  readonly train: TrainConfig;
  /** Run folder; by default one below `runs/`, named by time. */
  readonly out?: string;
}

export interface TrainConfig {
  readonly schedule: UserSchedule;
  /** Who decides which images reach the dense heads; without it all do. */
  readonly gate?: GateConfig;
  readonly optimizer?: UserOptimizer;
  readonly steps: number;
  readonly batchSize?: number;
  /** Micro-batches of `batchSize` images that make one step; their gradients are averaged. */
  readonly accumulate?: number;
  /** Share of the old value that a step keeps in the moving averages of the weights, which are then evaluated and saved: 0.999, say. */
  readonly ema?: number;
  /** Of matrix products and convolutions; parameters are float32. */
  readonly precision?: Precision;
  /** Bad steps in a row that are skipped before the training ends; with `spike`, a norm so many times the usual one is bad as well. */
  readonly guard?: number | Partial<GuardConfig>;
  readonly seed?: number;
  /** Factor of each head's loss; default 1. */
  readonly weights?: Readonly<Record<string, number>>;
  /** How the losses of one step are combined: static (their sum), uncertainty, dwa, gradnorm, pcgrad. */
  readonly weighting?: UserWeighting;
  /** Steps between two that also log the norms and angles of the losses' gradients. */
  readonly logGradients?: number;
  readonly augment?: Partial<AugmentConfig>;
  /** A run, a phase of it (`runs/a#det`), or one of these for each module: where weights start. */
  readonly from?: string | Readonly<Record<string, string>>;
  /** Modules, or parts of them, that are held fixed: `encoder`, `cls.features`. */
  readonly freeze?: readonly string[];
  /** Parts that start afresh in spite of `from`: `cls.decision`. */
  readonly fresh?: readonly string[];
  readonly batchNorm?: PhaseSettings['batchNorm'];
  /** With several processes: batch norm sees the batch of all of them, not each its part. */
  readonly syncBatchNorm?: boolean;
  /** Share of positives in every batch where no teacher forcing draws it. */
  readonly positivePortion?: number;
  /** `plain` epochs, `class-balanced`, or `{ kind: 'repeat-factor', threshold: 0.05 }`: images with rare findings more often. */
  readonly sampling?: Sampling;
  readonly boxesFromMasks?: { readonly minArea: number };
  /** The validation metric (`det.mAP`) that chooses the weights which are kept; with `patience` it ends the training early. */
  readonly select?: Omit<SelectConfig, 'every'> & { readonly every?: number };
  /** Steps between checkpoints. */
  readonly checkpointEvery?: number;
  /** CSV (dataset, image, patient) that names one person in every dataset. */
  readonly patientMap?: string;
  /** Broken files that training may skip. */
  readonly maxBroken?: number;
  /** What happens to images before they are stretched to the network's input. */
  readonly preprocessing?: PreprocessingConfig;
  /** Threads that read and augment images; 0 = the main thread. By default one a core, at most 4. */
  readonly workers?: number;
  /** Steps whose batches are prepared ahead; default 2. */
  readonly prefetch?: number;
  /** Folder of prepared images on disk, or folder and limit (`50 GB`). Runs may share it. */
  readonly cache?: CacheConfig;
  readonly splits?: { readonly validation?: number; readonly test?: number };
  /** Bootstrap resamples of every interval. */
  readonly resamples?: number;
}

export type UserWeighting =
  | { readonly kind: 'static' | 'uncertainty' | 'pcgrad' }
  | ({ readonly kind: 'dwa' } & Partial<DwaOptions>)
  | ({ readonly kind: 'gradnorm' } & Partial<GradNormOptions>);

export interface UserTurn {
  /** A name of `datasets`. */
  readonly dataset: string;
  /** Heads that move beside the encoder. */
  readonly heads: readonly string[];
  readonly ratio?: number;
}

export type UserSchedule =
  | {
      readonly kind: 'alternating';
      readonly turns: readonly UserTurn[];
      readonly order?: 'strict' | 'random';
      readonly temperature?: number;
      readonly literal?: boolean;
    }
  | { readonly kind: 'joint'; readonly turns: readonly UserTurn[] };

export interface GateConfig {
  /** A run that trained gates, a phase of it, one of these for each head, or `own`: the model's cls head. */
  readonly from: string | Readonly<Record<string, string>>;
  readonly teacherForcing?: number | Partial<PhaseSettings['teacherForcing']>;
}

export type UserOptimizer = OptimizerConfig & {
  readonly learningRate?: number;
  readonly schedule?: Pick<LearningRateConfig, 'kind'> & Partial<Omit<LearningRateConfig, 'base' | 'kind'>>;
  /** Largest norm of all gradients of a step together. */
  readonly clipNorm?: number;
};
