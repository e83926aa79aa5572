import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSource } from '../data/image-source.js';
import { FoldStatistic } from '../evaluate/measure.js';
import { collectRecords } from '../evaluate/records.js';
import { MultichexnetError } from '../errors.js';
import { silentLogger } from '../log/logger.js';
import type { HeadModule } from '../model/network.js';
import type { AnyMetric } from '../plugin/metric.js';
import type { OutputValue } from '../plugin/sample-values.js';
import { loadNewestCheckpoint, saveCheckpoint } from '../store/checkpoint.js';
import { writeJson } from '../store/atomic-write.js';
import {
  bestOf,
  isOver,
  validationName,
  validationsOf,
  type SelectConfig,
  type Validation,
} from '../train/best-validation.js';
import type { StepHistory } from '../train/step-history.js';
import type { ResolvedPhase } from './resolved-phase.js';
import type { RunContext } from './run-context.js';
import type { TrainingState } from './training-state.js';

type Metric = AnyMetric<unknown, readonly OutputValue[], unknown>;

/** What validation chose, as it stands in a phase's folder. */
export const SELECTION_FILE = 'selection.json';
/** Folder of the best weights so far, as a checkpoint. */
const BEST = 'best';

export interface SelectionResult extends SelectConfig {
  /** Absent where the metric was defined on no validation: the last weights stayed. */
  readonly best?: { readonly steps: number; readonly value: number };
  /** Steps done. */
  readonly steps: number;
  /** Whether the training ended before its last step. */
  readonly stopped: boolean;
}

export interface SelectionConfig {
  readonly context: RunContext;
  readonly phase: ResolvedPhase;
  readonly select: SelectConfig;
  readonly heads: Readonly<Record<string, HeadModule>>;
  readonly source: ImageSource;
  readonly state: TrainingState;
  readonly history: StepHistory;
  readonly folder: string;
  readonly label: string;
}

/** Validates a training by one named metric, keeps its best weights, and says when it may end. What it knows it knows from the history. */
export class Selection {
  readonly better: 'higher' | 'lower';
  private readonly config: SelectionConfig;
  private readonly head: HeadModule;
  private readonly metric: Metric;

  constructor(config: SelectionConfig) {
    const [head = '', ...metric] = config.select.metric.split('.');
    this.config = config;
    this.head = config.heads[head] as HeadModule;
    const found = this.head.head.metrics.find(({ name }) => name === metric.join('.'));
    if (found === undefined) throw new Error(`head ${head} has no metric ${metric.join('.')}: it was not checked`);
    this.metric = found as Metric;
    this.better = found.better;
  }

  get validations(): Validation[] {
    return validationsOf(this.config.history.entries, this.config.select);
  }

  /** Whether no better value came for so long that the training ends. */
  get over(): boolean {
    return isOver(this.validations, this.better, this.config.select.patience);
  }

  /**
   * The metric of the weights that would be evaluated now - the averages, where there are some - on all images of the validation part, whatever gate the
   * head stands behind. Rank 0 measures for all.
   * @returns as one number of the step; none where the metric is not defined
   */
  async measure(): Promise<Record<string, number>> {
    const { context, state, select } = this.config;
    const { ranks } = context;
    const first = ranks === undefined || ranks.group.rank === 0;
    let value = first ? ((await state.asEvaluated(() => this.value())) ?? NaN) : NaN;
    if (ranks !== undefined) {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value);
      value = Buffer.from((await ranks.talk.gather(bytes))[0] as Uint8Array).readDoubleLE();
    }
    return { [validationName(select)]: value };
  }

  /** Saves the weights when the last validation is the best so far. */
  async keepBest(): Promise<void> {
    const { state, folder } = this.config;
    const last = this.validations.at(-1);
    if (last === undefined || bestOf(this.validations, this.better)?.steps !== last.steps) return;
    await saveCheckpoint(join(folder, BEST), { step: last.steps, model: await state.evaluated(), optimizer: {} });
  }

  /** Loads the best weights at the end of the training, and tells of them. Without any value the last weights stay. */
  async restore(reached: number): Promise<void> {
    const { context, folder, state, select, label, phase } = this.config;
    const best = bestOf(this.validations, this.better);
    const stopped = reached < phase.steps;
    const result: SelectionResult = { ...select, ...(best && { best }), steps: reached, stopped };
    await writeJson(join(folder, SELECTION_FILE), result);
    if (best === undefined) {
      context.logger.warn(
        `${label}: ${select.metric} is defined on no validation of ${select.on}; the last weights stay`,
      );
      return;
    }
    const kept = await loadNewestCheckpoint(join(folder, BEST), context.logger);
    if (kept?.step !== best.steps)
      throw new MultichexnetError(
        'CHECKPOINT_CORRUPT',
        `${label}: the best weights, those of step ${best.steps}, are not there; remove the phase's folder to train it again`,
        { file: join(folder, BEST) },
      );
    state.load(kept.model);
    const end = stopped ? `stopped at step ${reached} of ${phase.steps}` : `${reached} steps`;
    context.logger.info(
      `${label}: ${end}; best ${select.metric} on ${select.on} ${best.value.toFixed(4)} at step ${best.steps}`,
    );
  }

  /** Removes the copy of the best weights, once they are the phase's last checkpoint. */
  async discard(): Promise<void> {
    await rm(join(this.config.folder, BEST), { recursive: true, force: true });
  }

  private async value(): Promise<number | undefined> {
    const { context, phase, source, label } = this.config;
    const records = await collectRecords({
      inference: context.workbench.inference([this.head], phase),
      requests: [{ key: 'all', head: this.head }],
      source,
      split: 'validation',
      batchSize: phase.batchSize,
      logger: silentLogger,
      name: label,
    });
    const part = records['all'];
    if (part === undefined || part.samples.length === 0) return undefined;
    const statistic = new FoldStatistic(this.metric, [{ validation: part, test: part }]);
    return statistic.value(new Uint16Array(part.samples.length).fill(1));
  }
}
