import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { agreeOnCheckpoint, agreeOnState } from '../distributed/agree-on-checkpoint.js';
import type { RankTalk } from '../distributed/rank-talk.js';
import type { Optimizer } from '../engine/engine.js';
import { MultichexnetError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import { loadParameters, readParameters, type Parameter } from '../model/network.js';
import { checkpointName, loadNewestCheckpoint, saveCheckpoint } from '../store/checkpoint.js';
import type { NamedTensor } from '../store/safetensors.js';
import type { WeightAverage } from '../train/weight-average.js';

export interface TrainingStateConfig {
  readonly folder: string;
  readonly parameters: readonly Parameter[];
  readonly optimizer: Optimizer;
  /** Where weights are averaged: checkpoints hold the averages, and the weights themselves beside the moments. */
  readonly average?: WeightAverage;
  /** The tasks' own numbers of the weighting, and where they start. */
  readonly numbers?: { readonly parameters: readonly Parameter[]; readonly start: number };
  readonly logger: Logger;
  /** The ranks that train together: all start from what rank 0 finds, and it alone writes. */
  readonly talk?: RankTalk;
}

/** Slot of a parameter's own value, where the model's file holds its average. */
const RAW = 'raw';

/** What one training has in native variables - weights, moments, averages - to and from its checkpoints. */
export class TrainingState {
  private readonly config: TrainingStateConfig;
  private newest: string | undefined;

  constructor(config: TrainingStateConfig) {
    this.config = config;
  }

  /** Path of the checkpoint that was read or written last. */
  get checkpoint(): string | undefined {
    return this.newest;
  }

  /**
   * The newest checkpoint, or the weights that are loaded now with moments of zero.
   * @returns the step to go on from
   * @throws MultichexnetError CHECKPOINT_CORRUPT, RANKS_CHECKPOINT, RANKS_DIFFER
   */
  async begin(): Promise<number> {
    const { parameters, optimizer, talk } = this.config;
    const step = await this.loadNewest();
    if (talk !== undefined)
      await agreeOnState(
        talk,
        await readParameters(parameters),
        renameSlots(movedSlots(await optimizer.state()), parameters, 'resource', 'name'),
      );
    return step;
  }

  private async loadNewest(): Promise<number> {
    const { folder, parameters, optimizer, average, numbers, logger, talk } = this.config;
    optimizer.restore({});
    average?.prepare(parameters);
    for (const { variable } of numbers?.parameters ?? [])
      tf.tidy(() => variable.assign(tf.scalar(numbers?.start ?? 0)));
    const checkpoint =
      talk === undefined ? await loadNewestCheckpoint(folder, logger) : await agreeOnCheckpoint(talk, folder, logger);
    if (checkpoint === undefined) {
      average?.load(parameters, await readParameters(parameters));
      return 0;
    }
    const [raw, slots] = splitRaw(checkpoint.optimizer);
    const missing = loadParameters(parameters, { ...checkpoint.model, ...raw });
    if (missing.length > 0)
      throw new MultichexnetError('CHECKPOINT_CORRUPT', `the checkpoint lacks ${missing.slice(0, 3).join(', ')}`, {
        file: folder,
      });
    this.newest = join(folder, checkpointName(checkpoint.step));
    average?.load(parameters, checkpoint.model);
    loadParameters(numbers?.parameters ?? [], raw);
    optimizer.restore(renameSlots(slots, this.moved, 'name', 'resource'));
    return checkpoint.step;
  }

  /** @param done whether this is the end: moments and raw weights are of no use to a phase that is done */
  async save(step: number, done: boolean): Promise<void> {
    const { folder, parameters, optimizer, average, numbers } = this.config;
    const weights = await readParameters(parameters);
    const slots = done ? {} : renameSlots(movedSlots(await optimizer.state()), this.moved, 'resource', 'name');
    const own = { ...(average === undefined ? {} : weights), ...(await readParameters(numbers?.parameters ?? [])) };
    const raw = Object.entries(own).map(([name, value]) => [`${name}/${RAW}`, value] as const);
    await saveCheckpoint(folder, {
      step,
      model: await this.evaluated(),
      optimizer: done ? {} : { ...slots, ...Object.fromEntries(raw) },
    });
    this.newest = join(folder, checkpointName(step));
  }

  /** What is evaluated: the averages, where there are some. */
  evaluated(): Promise<Record<string, NamedTensor>> {
    const { parameters, average } = this.config;
    return average === undefined ? readParameters(parameters) : average.read(parameters);
  }

  /** Calls `fn` while the weights that are evaluated are loaded. */
  async asEvaluated<T>(fn: () => Promise<T>): Promise<T> {
    const { parameters, average } = this.config;
    if (average === undefined) return fn();
    const own = await readParameters(parameters);
    await this.loadEvaluated();
    try {
      return await fn();
    } finally {
      loadParameters(parameters, own);
    }
  }

  /** Takes these weights, and as averages too. */
  load(model: Readonly<Record<string, NamedTensor>>): void {
    const { parameters, average } = this.config;
    loadParameters(parameters, model);
    average?.load(parameters, model);
  }

  private get moved(): Parameter[] {
    return [...this.config.parameters, ...(this.config.numbers?.parameters ?? [])];
  }

  /** Loads the weights that are evaluated: the averages, where there are some. */
  async loadEvaluated(): Promise<void> {
    if (this.config.average !== undefined) loadParameters(this.config.parameters, await this.evaluated());
  }
}

function splitRaw(
  slots: Readonly<Record<string, NamedTensor>>,
): [raw: Record<string, NamedTensor>, slots: Record<string, NamedTensor>] {
  const entries = Object.entries(slots);
  const isRaw = ([key]: readonly [string, NamedTensor]): boolean => key.endsWith(`/${RAW}`);
  return [
    Object.fromEntries(entries.filter(isRaw).map(([key, value]) => [key.slice(0, -RAW.length - 1), value])),
    Object.fromEntries(entries.filter((entry) => !isRaw(entry))),
  ];
}

/** Without the zeros that the optimizer keeps of parameters that only earlier phases moved: a checkpoint says nothing of what its process did before. */
function movedSlots(slots: Readonly<Record<string, NamedTensor>>): Record<string, NamedTensor> {
  const moved = (key: string): boolean => slots[`${key.slice(0, key.lastIndexOf('/'))}/steps`]?.data[0] !== 0;
  return Object.fromEntries(Object.entries(slots).filter(([key]) => moved(key)));
}

/** Slots are `<parameter>/<slot>`: by resource name in the engine, by stable name in checkpoints. */
function renameSlots(
  slots: Readonly<Record<string, NamedTensor>>,
  parameters: readonly Parameter[],
  from: 'name' | 'resource',
  to: 'name' | 'resource',
): Record<string, NamedTensor> {
  const names = new Map(parameters.map((parameter) => [parameter[from], parameter[to]]));
  return Object.fromEntries(
    Object.entries(slots).flatMap(([key, value]) => {
      const slash = key.lastIndexOf('/');
      const name = names.get(key.slice(0, slash));
      return name === undefined ? [] : [[name + key.slice(slash), value] as const];
    }),
  );
}
