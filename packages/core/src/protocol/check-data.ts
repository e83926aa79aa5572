import type { OpenedDataset } from '../data/open-datasets.js';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import { sourcesOf } from '../data/source-splits.js';
import { MultichexnetError } from '../errors.js';
import { countGroups, divide, fitsOf, foldPlan } from './fold-plan.js';
import { GATE, type ResolvedPhase } from './resolved-phase.js';

/**
 * What can be known before the first step: every part that a phase needs has samples, a gated head has positives, and there are as many shots as wanted.
 * @param seed what divides the data
 */
export function checkData(
  phases: readonly ResolvedPhase[],
  datasets: ReadonlyMap<string, OpenedDataset>,
  seed: number,
): MultichexnetError[] {
  const problems: MultichexnetError[] = [];
  const counts = new Map([...datasets].map(([name, { samples }]) => [name, countParts(samples)]));
  for (const phase of phases) {
    for (const turn of phase.schedule.turns) {
      const parts = counts.get(turn.on);
      if (parts === undefined) continue;
      const path = `phases.${phase.name}`;
      for (const split of ['train', 'validation', 'test'] as const)
        if (parts[split].all === 0)
          problems.push(
            new MultichexnetError(
              'SPLIT_EMPTY',
              `the ${split} part of "${turn.on}" is empty; add images or patients, or change splits or the seed`,
              { path },
            ),
          );
      const gated = turn.train.some((module) => phase.gate[module] !== undefined);
      if (gated && parts.train.positive === 0)
        problems.push(
          new MultichexnetError(
            'DATA_NO_POSITIVES',
            `the training part of "${turn.on}" has no positive image to teach ${turn.train.join(', ')} with`,
            { path },
          ),
        );
      if (turn.train.includes(GATE) && (parts.train.positive === 0 || parts.train.positive === parts.train.known))
        problems.push(
          new MultichexnetError(
            'DATA_ONE_CLASS',
            `a gate needs positive and negative images; the training part of "${turn.on}" has ${parts.train.positive} positives of ${parts.train.known}`,
            { path },
          ),
        );
    }
    const wrong = checkFolds(phase, phases, datasets);
    problems.push(...wrong, ...(wrong.length > 0 ? [] : checkShots(phase, datasets, seed)));
  }
  return problems;
}

/** The largest number of shots is what the smallest training part has of the rarer kind. */
function checkShots(
  phase: ResolvedPhase,
  datasets: ReadonlyMap<string, OpenedDataset>,
  seed: number,
): MultichexnetError[] {
  const { name, shots, schedule } = phase;
  if (shots === undefined) return [];
  const plan = foldPlan(phase, datasets);
  return [...new Set(schedule.turns.map(({ on }) => on))].flatMap((on) => {
    const samples = datasets.get(on)?.samples;
    if (samples === undefined) return [];
    const parts = plan === undefined ? [samples.map(({ split }) => split)] : divide(samples, plan, phase, seed);
    const least = (wanted: boolean): number =>
      Math.min(
        ...parts.map(
          (part) =>
            samples.filter(({ labels }, i) => part[i] === 'train' && labels.findings[shots.finding] === wanted).length,
        ),
      );
    const [having, lacking] = [least(true), least(false)];
    const most = Math.min(having, lacking);
    if (shots.count <= most) return [];
    const smallest = parts.length === 1 ? 'the training part' : `the smallest of ${parts.length} training parts`;
    const remedy =
      most > 0
        ? `ask for at most ${most} (--set phases.${name}.shots.count=${most}; titles and labels of tables stay as they are)`
        : 'train on a dataset that has both';
    const more = plan === undefined || 'by' in plan ? '' : ', or deal more folds, so that each trains with more';
    return [
      new MultichexnetError(
        'DATA_FEW_SHOTS',
        `${shots.count} training images with ${shots.finding} and as many known to be without it are wanted; ${smallest} of "${on}" has ${having} with and ${lacking} without; ${remedy}${more}`,
        { path: `phases.${name}.shots.count` },
      ),
    ];
  });
}

/** Folds need patients, leave no network for others to start from, and must not test on what the network's ancestors were trained on. */
function checkFolds(
  phase: ResolvedPhase,
  phases: readonly ResolvedPhase[],
  datasets: ReadonlyMap<string, OpenedDataset>,
): MultichexnetError[] {
  const plan = foldPlan(phase, datasets);
  if (plan === undefined) return [];
  const path = `phases.${phase.name}.crossValidate`;
  const problems: MultichexnetError[] = [];
  const dataset = phase.schedule.turns[0]?.on ?? '';
  const samples = datasets.get(dataset)?.samples ?? [];
  const fits = fitsOf(plan, samples);
  if ('by' in plan) {
    if (datasets.has(dataset) && fits < 2)
      problems.push(
        new MultichexnetError(
          'DATA_SOURCES',
          `"${dataset}" has ${fits} source${fits === 1 ? '' : 's'} with at least ${plan.least} images; leaving one out wants two${otherThanLeavingOut(samples, path)}`,
          { path },
        ),
      );
  } else if (datasets.has(dataset)) {
    const { count, what } = countGroups(samples, plan);
    if (count < plan.folds)
      problems.push(
        new MultichexnetError(
          'SPLIT_EMPTY',
          `${count} ${what} of "${dataset}" cannot be dealt into ${plan.folds} folds`,
          {
            path,
          },
        ),
      );
  }
  for (const child of phases)
    if (parentsOf(child).includes(phase.name))
      problems.push(
        new MultichexnetError(
          'PROTOCOL_FROM',
          `"${child.name}" starts from or is gated by "${phase.name}", which trains a network for each of ${'by' in plan ? fits : plan.folds} folds and leaves none`,
          { path: `phases.${child.name}` },
        ),
      );
  const byName = new Map(phases.map((candidate) => [candidate.name, candidate]));
  const ancestors = new Set<ResolvedPhase>();
  const visit = (name: string): void => {
    const ancestor = byName.get(name);
    if (ancestor === undefined || ancestors.has(ancestor)) return;
    ancestors.add(ancestor);
    parentsOf(ancestor).forEach(visit);
  };
  parentsOf(phase).forEach(visit);
  for (const { name, schedule } of ancestors) {
    const trained = [...new Set(schedule.turns.map(({ on }) => on))];
    const leak = trained.includes(dataset)
      ? 'images that'
      : sharedPatients(samples, trained, datasets).map(
          ({ on, count }) => `${count} patient${count === 1 ? '' : 's'} whose images of "${on}"`,
        )[0];
    if (leak !== undefined)
      problems.push(
        new MultichexnetError(
          'PROTOCOL_FOLD_LEAK',
          `a fold of "${dataset}" would be tested on ${leak} phase "${name}", which this one starts from, was trained on; leave out crossValidate or that ancestor`,
          { path },
        ),
      );
  }
  return problems;
}

/** Patients of these samples, each of whom some fold tests, with images outside of the test parts of other datasets: one patient may stand in several. */
function sharedPatients(
  samples: OpenedDataset['samples'],
  others: readonly string[],
  datasets: ReadonlyMap<string, OpenedDataset>,
): { readonly on: string; readonly count: number }[] {
  const own = new Set(samples.map(({ patient }) => patient.key));
  return others.flatMap((on) => {
    const used = (datasets.get(on)?.samples ?? []).filter(
      ({ split, patient }) => split !== 'test' && own.has(patient.key),
    );
    const count = new Set(used.map(({ patient }) => patient.key)).size;
    return count === 0 ? [] : [{ on, count }];
  });
}

/** What can be asked for instead, with the images that there are. */
function otherThanLeavingOut(samples: OpenedDataset['samples'], path: string): string {
  const counts = new Map<string, number>();
  for (const source of sourcesOf(samples)) if (source !== undefined) counts.set(source, (counts.get(source) ?? 0) + 1);
  const [, second] = [...counts.values()].sort((a, b) => b - a);
  if (second === undefined) return '';
  return `: ask for fewer (--set ${path}.least=${second}), or deal folds of whole sources (crossValidate: { folds: 5, repeats: 2, group: source })`;
}

function parentsOf(phase: ResolvedPhase): string[] {
  return [...new Set([...Object.values(phase.from), ...Object.values(phase.gate)])];
}

interface PartCount {
  all: number;
  known: number;
  positive: number;
}

function countParts(samples: OpenedDataset['samples']): Record<'train' | 'validation' | 'test', PartCount> {
  const empty = (): PartCount => ({ all: 0, known: 0, positive: 0 });
  const parts = { train: empty(), validation: empty(), test: empty() };
  for (const { split, labels } of samples) {
    const positive = labels.findings[POSITIVE_FINDING];
    parts[split].all++;
    if (positive !== undefined) parts[split].known++;
    if (positive === true) parts[split].positive++;
  }
  return parts;
}
