import { suggestion } from '../plugin/nearest.js';
import type { Schedule } from '../schedule/turn.js';
import type { SelectConfig } from '../train/best-validation.js';
import { tasksOf } from '../train/trace-gradients.js';
import { fitWeighting } from '../weighting/create-weighting.js';
import type { PhaseConfig, PhaseSettings } from './protocol.js';

/** The words of a phase of so many steps over those of the protocol. */
export function phaseSettings(
  phase: PhaseConfig,
  defaults: PhaseSettings,
  steps: number,
): Omit<PhaseSettings, 'steps'> {
  const { teacherForcing, learningRate, guard } = phase;
  const select = phase.select ?? defaults.select;
  return {
    batchSize: phase.batchSize ?? defaults.batchSize,
    accumulate: phase.accumulate ?? defaults.accumulate,
    optimizer: phase.optimizer ?? defaults.optimizer,
    clipNorm: phase.clipNorm ?? defaults.clipNorm,
    ema: phase.ema ?? defaults.ema,
    precision: phase.precision ?? defaults.precision,
    positivePortion: phase.positivePortion ?? defaults.positivePortion,
    sampling: phase.sampling ?? defaults.sampling,
    weights: phase.weights ?? defaults.weights,
    weighting: fitWeighting(phase.weighting ?? defaults.weighting, steps),
    logGradients: phase.logGradients ?? defaults.logGradients,
    batchNorm: phase.batchNorm ?? defaults.batchNorm,
    syncBatchNorm: phase.syncBatchNorm ?? defaults.syncBatchNorm,
    ...(select === undefined ? {} : { select }),
    checkpointEvery: phase.checkpointEvery ?? defaults.checkpointEvery,
    guard: { ...defaults.guard, ...(typeof guard === 'number' ? { skips: guard } : guard) },
    augment: { ...defaults.augment, ...phase.augment },
    learningRate: {
      ...defaults.learningRate,
      ...(typeof learningRate === 'number' ? { base: learningRate } : learningRate),
    },
    teacherForcing: {
      ...defaults.teacherForcing,
      ...(typeof teacherForcing === 'number' ? { probability: teacherForcing } : teacherForcing),
    },
  };
}

/** What of its phase settings are checked against. */
export interface SettingsPlace {
  readonly turns: Schedule['turns'];
  /** Head of the phase -> names of its metrics; absent where the head itself is wrong. */
  readonly metrics: Readonly<Record<string, readonly string[] | undefined>>;
}

interface Problem {
  readonly message: string;
  /** Below the phase. */
  readonly path: string;
}

/** What is wrong with settings that each fit the schema. */
export function settingsProblems(settings: Omit<PhaseSettings, 'steps'>, place: SettingsPlace): Problem[] {
  const { learningRate, guard, weighting, select, sampling, positivePortion } = settings;
  const problems: Problem[] = [];
  const report = (path: string, message: string): void => void problems.push({ path, message });
  if (learningRate.kind === 'step' && learningRate.milestones.length === 0)
    report('learningRate.milestones', 'a learning rate of kind step needs milestones: the steps at which it falls');
  if (learningRate.kind === 'plateau' && select === undefined)
    report('learningRate.kind', 'a learning rate of kind plateau needs select: the validation metric that it follows');
  if (positivePortion > 0 && sampling !== 'plain')
    report('sampling', 'sampling and positivePortion both say how images are drawn; leave one out');
  if (guard.spike > 0 && guard.skips === 0)
    report('guard.spike', 'a guard against spikes needs skips: how many bad steps in a row end the training');
  if (weighting.kind !== 'static' && place.turns.every((turn) => tasksOf(turn).length === 1))
    report(
      'weighting.kind',
      `a weighting of kind "${weighting.kind}" weighs the losses of one step against each other, and no turn of this schedule has several`,
    );
  return select === undefined ? problems : [...problems, ...selectProblems(select, place)];
}

function selectProblems({ metric, on }: SelectConfig, { turns, metrics }: SettingsPlace): Problem[] {
  const [head = '', ...rest] = metric.split('.');
  const datasets = [...new Set(turns.flatMap(({ parts }) => parts.map(({ dataset }) => dataset)))];
  const problems: Problem[] = [];
  if (!datasets.includes(on))
    problems.push({ path: 'select.on', message: `no turn of this phase is on "${on}"; ${suggestion(on, datasets)}` });
  if (!Object.hasOwn(metrics, head))
    problems.push({
      path: 'select.metric',
      message: `this phase has no head "${head}"; ${suggestion(head, Object.keys(metrics))}`,
    });
  const known = metrics[head];
  const name = rest.join('.');
  if (known !== undefined && !known.includes(name)) {
    // Those of single classes only for a name that looks like one: they are many.
    const near = known.filter((other) => other.includes('/') === name.includes('/'));
    problems.push({
      path: 'select.metric',
      message: `head "${head}" has no metric "${name}"; ${suggestion(name, near)}`,
    });
  }
  return problems;
}
