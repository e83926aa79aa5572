import type { PhaseEvaluations } from '../protocol/evaluate-phase.js';
import { GATE, type ResolvedPhase } from '../protocol/resolved-phase.js';
import type { PluginRegistry } from '../plugin/registry.js';
import { FoldStatistic, type BootstrapSettings, type Measurement } from './measure.js';
import { measureSeedsGain, type TaskPair } from './measure-gain.js';

/** Delta m of one phase over the single-task phases of its run with the same number of steps and images a step. */
export interface MultiTaskGain extends Measurement {
  readonly phase: string;
  readonly steps: number;
  /** `cls@rsna/none` -> the phase that it is compared with. */
  readonly baselines: Readonly<Record<string, string>>;
  /** Tasks without such a baseline: no gain is told then. */
  readonly missing: readonly string[];
}

export interface GainsRequest {
  /** Those that are measured. */
  readonly phases: readonly ResolvedPhase[];
  readonly registry: PluginRegistry;
  readonly settings: BootstrapSettings;
  /** Of a phase, one for each seed that has measured it. */
  readonly evaluations: (phase: string) => Promise<readonly PhaseEvaluations[]>;
}

/** A head on a dataset behind a gate, by the head's first metric. */
interface Task {
  readonly key: string;
  readonly better: 'higher' | 'lower';
  readonly metric: string;
  readonly seeds: readonly FoldStatistic[];
}

/**
 * The multi-task gain of every phase with several heads where the run has a single-task phase of equal step budget for at least one of its tasks. A task is a
 * head on a dataset, told by the head's first metric; an oracle's gate is no task.
 * @throws MultichexnetError SEEDS_DIFFER, RUN_NO_RECORDS
 */
export async function measureGains({
  phases,
  registry,
  settings,
  evaluations,
}: GainsRequest): Promise<MultiTaskGain[]> {
  const cache = new Map<ResolvedPhase, readonly Task[]>();
  const tasksOf = async (phase: ResolvedPhase): Promise<readonly Task[]> => {
    const known = cache.get(phase) ?? readTasks(phase, registry, await evaluations(phase.name));
    cache.set(phase, known);
    return known;
  };
  const gains: MultiTaskGain[] = [];
  for (const phase of phases.filter((candidate) => headsOf(candidate).length > 1)) {
    const equal = phases.filter(
      (other) => headsOf(other).length === 1 && other.steps === phase.steps && other.batchSize === phase.batchSize,
    );
    if (equal.length === 0) continue;
    const baselines: Record<string, string> = {};
    const missing: string[] = [];
    const pairs: TaskPair[][] = [];
    for (const task of await tasksOf(phase)) {
      const found = await findBaseline(task, equal, tasksOf);
      if (found === undefined) {
        missing.push(task.key);
        continue;
      }
      baselines[task.key] = found.phase.name;
      pairs.push(
        task.seeds.map((multiTask, i) => ({
          multiTask,
          singleTask: found.task.seeds[i] as FoldStatistic,
          better: task.better,
        })),
      );
    }
    if (pairs.length === 0) continue;
    const measured = missing.length === 0 && pairs.length > 1;
    const gain = measured ? measureSeedsGain(bySeed(pairs), settings) : { images: 0, patients: 0 };
    gains.push({ phase: phase.name, steps: phase.steps, baselines, missing, ...gain });
  }
  return gains;
}

/** Pairs of each task, one a seed -> those of each seed, one a task. */
export function bySeed(tasks: readonly (readonly TaskPair[])[]): TaskPair[][] {
  return (tasks[0] ?? []).map((_, i) => tasks.map((task) => task[i] as TaskPair));
}

async function findBaseline(
  { key, metric, seeds }: Task,
  candidates: readonly ResolvedPhase[],
  tasksOf: (phase: ResolvedPhase) => Promise<readonly Task[]>,
): Promise<{ readonly phase: ResolvedPhase; readonly task: Task } | undefined> {
  const images = seeds[0]?.images.join('\n');
  for (const phase of candidates) {
    const task = (await tasksOf(phase)).find((other) => other.key === key && other.metric === metric);
    if (task?.seeds.length === seeds.length && task.seeds[0]?.images.join('\n') === images) return { phase, task };
  }
  return undefined;
}

function readTasks(phase: ResolvedPhase, registry: PluginRegistry, seeds: readonly PhaseEvaluations[]): Task[] {
  return Object.keys(seeds[0] ?? {}).flatMap((key): Task[] => {
    const [, head = '', gate = ''] = /^(.*)@.*\/(.*)$/.exec(key) ?? [];
    const choice = phase.heads[head];
    if (choice === undefined || head === GATE || gate === 'oracle') return [];
    const { kind, ...options } = choice;
    // A metric needs no network: the head is created from its options alone.
    const [metric] = registry.head(kind).create(options, { seed: 0 }).metrics as readonly FirstMetric[];
    if (metric === undefined) return [];
    const statistics = seeds.flatMap((evaluations) => {
      const folds = evaluations[key];
      return folds === undefined ? [] : [new FoldStatistic(metric, folds)];
    });
    return [{ key, better: metric.better, metric: metric.name, seeds: statistics }];
  });
}

type FirstMetric = ConstructorParameters<typeof FoldStatistic>[0];

const headsOf = ({ heads }: ResolvedPhase): string[] => Object.keys(heads).filter((head) => head !== GATE);
