import type { Ranks } from '../distributed/ranks.js';
import type { Engine, Optimizer, OptimizerConfig } from '../engine/engine.js';
import { createInference, type Inference } from '../evaluate/infer.js';
import { ModelPool, type HeadModule, type Parameter } from '../model/network.js';
import type { PluginRegistry } from '../plugin/registry.js';
import type { Choice } from '../model/network.js';
import { hashValue } from '../store/hash.js';
import type { Turn } from '../schedule/turn.js';
import { GradientSum } from '../train/gradient-sum.js';
import { StatisticsBefore } from '../train/statistics-before.js';
import { TaskNumbers } from '../train/task-numbers.js';
import { tasksOf } from '../train/trace-gradients.js';
import { createTrainStep, type TrainStep } from '../train/train-step.js';
import type { TrainStepConfig } from '../train/train-step-config.js';
import { WeightAverage } from '../train/weight-average.js';
import { createWeighting, type WeightingConfig } from '../weighting/create-weighting.js';
import type { PhaseSettings } from './protocol.js';

/** Layers, optimizers and traced steps that phases of a run share, so that a step is traced once a run and not once a phase. */
export class Workbench {
  readonly pool: ModelPool;
  /** Moving averages of the weights of the phase that trains now. */
  readonly average: WeightAverage;
  private readonly gradientSum: GradientSum;
  private readonly before: StatisticsBefore;
  private readonly numbers: TaskNumbers;
  private readonly engine: Engine;
  private readonly optimizers = new Map<string, Optimizer>();
  private readonly steps = new Map<string, TrainStep>();
  private readonly inferences = new Map<string, Inference>();

  constructor(engine: Engine, registry: PluginRegistry, encoder: Choice, seed: number) {
    this.engine = engine;
    this.pool = new ModelPool(engine, registry, encoder, seed);
    this.average = new WeightAverage(engine);
    this.gradientSum = new GradientSum(engine);
    this.before = new StatisticsBefore(engine);
    this.numbers = new TaskNumbers(engine);
  }

  /** One optimizer for each (configuration, set of heads); its state is whatever the phase restores into it. */
  optimizer(config: OptimizerConfig, heads: readonly HeadModule[]): Optimizer {
    return remember(this.optimizers, hashValue([config, identities(heads)]), () => this.engine.createOptimizer(config));
  }

  trainStep(
    turn: Omit<Turn, 'visits'>,
    heads: Readonly<Record<string, HeadModule>>,
    settings: StepSettings,
    { ranks, logGradients = false }: { readonly ranks?: Ranks | undefined; readonly logGradients?: boolean } = {},
  ): TrainStep {
    const all = Object.values(heads);
    const { optimizer, weights, freeze, batchNorm, syncBatchNorm, clipNorm, ema, accumulate, precision, guard } =
      settings;
    const { weighting } = settings;
    const guarded = guard.skips > 0;
    const key = hashValue([
      ...[turn.parts, turn.train, identities(all)],
      ...[optimizer, weights, freeze, batchNorm, syncBatchNorm, clipNorm, ema, accumulate, precision, guarded],
      ...[weighting, logGradients],
    ]);
    return remember(this.steps, key, () =>
      createTrainStep({
        engine: this.engine,
        encoder: this.pool.encoder,
        heads,
        optimizer: this.optimizer(optimizer, all),
        turn,
        weights,
        frozen: frozenBy(freeze),
        batchNorm,
        clipNorm,
        precision,
        logGradients,
        ...(guarded ? { guarded: { before: this.before } } : {}),
        ...this.weightingOf(weighting, turn),
        ...(ema > 0 ? { average: { weights: this.average, decay: ema } } : {}),
        ...(accumulate > 1 ? { accumulate: { sum: this.gradientSum, count: accumulate } } : {}),
        ...(ranks === undefined ? {} : { ranks: { group: ranks.group, stop: ranks.stop, syncBatchNorm } }),
      }),
    );
  }

  /** The tasks' own numbers of a weighting. */
  taskNumbers(weighting: WeightingConfig, tasks: readonly string[]): Parameter[] {
    return createWeighting(weighting)?.start === undefined ? [] : tasks.map((task) => this.numbers.of(task));
  }

  private weightingOf(config: WeightingConfig, turn: Omit<Turn, 'visits'>): Pick<TrainStepConfig, 'weighting'> {
    const method = createWeighting(config);
    const tasks = tasksOf(turn);
    // One loss has nothing to be weighed against.
    if (method === undefined || tasks.length === 1) return {};
    const numbers = method.start === undefined ? [] : tasks.map((task) => [task, this.numbers.of(task)] as const);
    return { weighting: { method, numbers: Object.fromEntries(numbers) } };
  }

  inference(
    heads: readonly HeadModule[],
    { batchSize, precision }: Pick<PhaseSettings, 'batchSize' | 'precision'>,
  ): Inference {
    return remember(this.inferences, hashValue([identities(heads), batchSize, precision]), () =>
      createInference(this.engine, this.pool.encoder, heads, batchSize, { precision }),
    );
  }

  dispose(): void {
    for (const step of this.steps.values()) step.dispose();
    for (const inference of this.inferences.values()) inference.dispose();
    for (const optimizer of this.optimizers.values()) optimizer.dispose();
    this.average.dispose();
    this.gradientSum.dispose();
    this.before.dispose();
    this.numbers.dispose();
    this.pool.dispose();
  }
}

/** What of a phase's settings a traced step depends on. */
type StepSettings = Pick<
  PhaseSettings,
  | 'optimizer'
  | 'weights'
  | 'batchNorm'
  | 'syncBatchNorm'
  | 'clipNorm'
  | 'ema'
  | 'accumulate'
  | 'precision'
  | 'guard'
  | 'weighting'
> & {
  readonly freeze: readonly string[];
};

/** `encoder`, `cls`, `cls.features`, `cls.decision` as a test on parameters. */
export function selects(words: readonly string[]): (parameter: Parameter, module: string) => boolean {
  return (parameter, module) =>
    words.some((word) => {
      const [name, part] = word.split('.');
      return name === module && (part === undefined || (part === 'decision') === parameter.decision);
    });
}

function frozenBy(words: readonly string[]): (parameter: Parameter) => boolean {
  const select = selects(words);
  return (parameter) => select(parameter, parameter.name.slice(0, parameter.name.indexOf('/')));
}

/** Head modules are pooled by name and choice, which therefore identify them. */
function identities(heads: readonly HeadModule[]): unknown {
  return heads.map(({ name, plugin, options }) => [name, plugin.kind, options]);
}

function remember<T>(map: Map<string, T>, key: string, create: () => T): T {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
