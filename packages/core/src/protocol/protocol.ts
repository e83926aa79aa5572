import type { Sampling } from '../gate/sampling.js';
import type { CacheConfig } from '../data/image-cache/cache-options.js';
import type { PreprocessingConfig } from '../data/preprocessing.js';
import type { FoldPlan } from '../data/fold-splits.js';
import type { SourcePlan } from '../data/source-splits.js';
import type { ShotsConfig } from '../data/take-shots.js';
import type { Choice } from '../model/network.js';
import type { ScheduleConfig } from '../schedule/schedule.js';
import type { OptimizerConfig, Precision } from '../engine/engine.js';
import type { SelectConfig } from '../train/best-validation.js';
import type { LearningRateConfig } from '../train/learning-rate.js';
import type { GuardConfig } from '../train/step-guard.js';
import type { WeightingConfig } from '../weighting/create-weighting.js';

/** A protocol as written: phases that start from each other, and the tables to print. The paper is one such file. */
export interface ProtocolConfig {
  readonly name: string;
  readonly description?: string;
  /** Printed under the tables: what the numbers stand for. */
  readonly note?: string;
  readonly seed: number;
  /** Runs every phase once from each of these instead; the tables give means over seeds. Data are divided by `splits.seed` for all of them. */
  readonly seeds?: readonly number[];
  /** Dataset name in this protocol -> adapter; the root comes from the command line. */
  readonly datasets: Readonly<Record<string, DatasetChoice>>;
  readonly model: { readonly encoder: Choice; readonly heads: Readonly<Record<string, Choice>> };
  readonly defaults: PhaseSettings;
  readonly phases: Readonly<Record<string, PhaseConfig>>;
  readonly tables: Readonly<Record<string, TableConfig>>;
  /** Shares of patients; `seed` divides them, by default that of the protocol. */
  readonly splits: { readonly validation: number; readonly test: number; readonly seed?: number };
  /** Bootstrap resamples of every interval. */
  readonly resamples: number;
  /** Broken files that training may skip before it refuses. */
  readonly maxBroken: number;
  /** What happens to images before they are stretched to the network's input. */
  readonly preprocessing?: PreprocessingConfig;
  /** Threads that read and augment images; 0 = the main thread. By default one a core, at most 4. Results do not depend on it. */
  readonly workers?: number;
  /** Steps whose batches are prepared ahead. */
  readonly prefetch: number;
  /** Folder of prepared images on disk, or folder and limit; absent = none. Results do not depend on it. */
  readonly cache?: CacheConfig;
}

export interface DatasetChoice extends Choice {
  readonly root?: string;
  /** Share of the training patients to train with, above 0; by default all. A smaller share lies inside a larger one. */
  readonly fraction?: number;
}

/** What every phase has; a phase overrides what differs. */
export interface PhaseSettings {
  /** Optimisation steps, or as many as another phase has. */
  readonly steps: number | { readonly of: string };
  readonly batchSize: number;
  /** Micro-batches of `batchSize` images that make one step; their gradients are averaged. */
  readonly accumulate: number;
  readonly optimizer: OptimizerConfig;
  readonly learningRate: LearningRateConfig;
  /** Largest norm of all gradients of a step together; 0 = as they are. */
  readonly clipNorm: number;
  /** Share of the old value that a step keeps in the moving averages of the weights, which are evaluated and saved; 0 = no averages. */
  readonly ema: number;
  /** What becomes of a step whose loss or gradients are no number, or whose gradients are much larger than usual. */
  readonly guard: GuardConfig;
  /** Of matrix products and convolutions, in training and evaluation; weights, moments and sums are float32. */
  readonly precision: Precision;
  readonly augment: AugmentConfig;
  /** Share of positives in every batch where no teacher forcing draws it; 0 = as the data comes. */
  readonly positivePortion: number;
  /** How images are drawn where neither a gate nor `positivePortion` decides. */
  readonly sampling: Sampling;
  readonly weights: Readonly<Record<string, number>>;
  /** How the losses of one step are combined, after `weights`. */
  readonly weighting: WeightingConfig;
  /** Steps between two that also log the norms and angles of the losses' gradients of the encoder; 0 = never. */
  readonly logGradients: number;
  readonly batchNorm: 'separate' | 'together';
  /** Of several processes that train together: whether batch norm sees the batch of all of them or each its part. */
  readonly syncBatchNorm: boolean;
  readonly teacherForcing: {
    readonly probability: number;
    readonly per: 'batch' | 'sample';
    readonly negatives: number;
  };
  /** The validation metric that chooses the weights which are kept, and may end the training early; absent = the last weights. */
  readonly select?: SelectConfig;
  /** Steps between checkpoints; 0 = only at the end. */
  readonly checkpointEvery: number;
}

/** How images, boxes and masks are changed at every draw; 0 = not. The paper's list, and translation. */
export interface AugmentConfig {
  /** Mirror half of the draws left to right; off by default, since a chest has sides. */
  readonly flip: boolean;
  /** Largest angle either way, degrees. */
  readonly rotate: number;
  /** x: sizes from 1 - x to 1 / (1 - x). */
  readonly scale: number;
  /** Largest shift either way, share of the side. */
  readonly translate: number;
  /** Largest shift of the values either way, share of their range. */
  readonly brightness: number;
  /** x: factors about middle grey from 1 - x to 1 / (1 - x). */
  readonly contrast: number;
  /** x: exponents from 1 - x to 1 / (1 - x). */
  readonly gamma: number;
  /** Random sized crop: largest share of the area cut away. */
  readonly crop: number;
  /** Largest elastic displacement either way, share of the side; up to 0.1. */
  readonly elastic: number;
  /** Grid distortion: largest relative change of a cell of a 5 x 5 grid. */
  readonly grid: number;
  /** Optical distortion: largest k of r (1 + k r^2) either way; up to 0.15. */
  readonly optical: number;
  /** Share of the draws whose local contrast is equalised (CLAHE, clip limit 2, 8 x 8 tiles). */
  readonly clahe: number;
  /** Largest deviation of the noise added last, share of the range of values. */
  readonly noise: number;
}

export interface PhaseConfig extends Partial<
  Omit<PhaseSettings, 'teacherForcing' | 'learningRate' | 'augment' | 'guard'>
> {
  /** Copy another phase and change what is written here. */
  readonly like?: string;
  /** One-turn shorthand: modules that move, and the dataset. */
  readonly train?: readonly string[];
  readonly on?: string;
  readonly schedule?: ScheduleConfig;
  /** Where modules start: one phase, one per module, or `nothing` (fresh weights). */
  readonly from?: string | Readonly<Record<string, string>>;
  /** `cls.decision` (theta_dec of eq. 15) or a whole module, started afresh in spite of `from`. */
  readonly fresh?: readonly string[];
  /** `encoder`, `cls`, `cls.features`: held fixed though `train` names the module. */
  readonly freeze?: readonly string[];
  /** Options that differ in this phase: other classes, say. */
  readonly heads?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The phase that trained the gate of each dense head, or `own`: the model's cls head decides. */
  readonly gate?: string | Readonly<Record<string, string>>;
  readonly teacherForcing?: number | Partial<PhaseSettings['teacherForcing']>;
  readonly learningRate?: number | Partial<PhaseSettings['learningRate']>;
  readonly augment?: Partial<AugmentConfig>;
  /** A number stands for `skips`. */
  readonly guard?: number | Partial<GuardConfig>;
  /** Datasets whose masks also give boxes. */
  readonly boxesFromMasks?: { readonly minArea: number };
  /** Repeated cross-validation grouped by patient instead of one split (`auto` = when the test part has fewer than 100 images), or each source left out in turn. */
  readonly crossValidate?: 'auto' | FoldPlan | SourcePlan;
  /** Few-shot training on so many images with and without a finding. */
  readonly shots?: ShotsConfig;
}

export interface TableConfig {
  readonly title: string;
  /** Heading -> `<head>.<metric>`. */
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: readonly TableRowConfig[];
}

export interface TableRowConfig {
  readonly label: string;
  readonly phase: string;
  /** Head -> dataset(s) whose test parts it is measured on. */
  readonly on: Readonly<Record<string, string | readonly string[]>>;
  /** `trained` (default), `oracle` (exactly the positives pass) or `none` (everything passes). */
  readonly gate?: 'trained' | 'oracle' | 'none';
  /** The paper's printed values by heading. */
  readonly paper?: Readonly<Record<string, string>>;
  /** Label of the row to pair with, on the same images. */
  readonly against?: string;
  /** What a reader must know about this row. */
  readonly remark?: string;
}
