import type { Engine, Optimizer, Precision, RankGroup } from '../engine/engine.js';
import type { HeadModule, Module, Parameter } from '../model/network.js';
import type { Turn } from '../schedule/turn.js';
import type { StopVote } from '../distributed/stop-vote.js';
import type { Weighting } from '../weighting/weighting.js';
import type { GradientSum } from './gradient-sum.js';
import type { StatisticsBefore } from './statistics-before.js';
import type { WeightAverage } from './weight-average.js';

export interface TrainStepConfig {
  readonly engine: Engine;
  readonly encoder: Module;
  readonly heads: Readonly<Record<string, HeadModule>>;
  readonly optimizer: Optimizer;
  readonly turn: Omit<Turn, 'visits'>;
  /** Factor of each head's loss in eq. 8; default 1. */
  readonly weights: Readonly<Record<string, number>>;
  /** Parameters of trained modules that stay fixed all the same (`encoder`, `cls.features`). */
  readonly frozen: (parameter: Parameter) => boolean;
  /** Whether batch norm sees each dataset's batch alone or all images of the step together. */
  readonly batchNorm: 'separate' | 'together';
  /** By default the engine's. */
  readonly precision?: Precision;
  /** Largest norm of all gradients of a step together; 0 or absent = as they are. */
  readonly clipNorm?: number;
  /** Where the weights' moving averages live, and the share of the old average that a step keeps. */
  readonly average?: { readonly weights: WeightAverage; readonly decay: number };
  /** Micro-batches of a step, whose gradients are averaged; the batches given to `run` are divided into so many. */
  readonly accumulate?: { readonly sum: GradientSum; readonly count: number };
  /** Whether a step moves nothing when a loss or the gradients' norm is no number, or the norm is above the position's limit. */
  readonly guarded?: GuardedStep;
  /** How the losses are combined; absent = their sum, times `weights`. `numbers` are the tasks' own, by the name of their loss. */
  readonly weighting?: { readonly method: Weighting; readonly numbers: Readonly<Record<string, Parameter>> };
  /** Whether `run` also gives the norm of each loss's gradient of the encoder, and the cosine of every two. */
  readonly logGradients?: boolean;
  /** The processes that take the step together, each with its part of the batches. */
  readonly ranks?: RanksOfStep;
}

export interface GuardedStep {
  /** Where statistics are kept while a step's micro-batches move them. */
  readonly before: StatisticsBefore;
}

export interface RanksOfStep {
  readonly group: RankGroup;
  /** Whether batch norm normalises by the whole batch or by this process's part. */
  readonly syncBatchNorm: boolean;
  /** Every step carries a vote whether to stop after it, so that all ranks stop after the same one. */
  readonly stop: StopVote;
}
