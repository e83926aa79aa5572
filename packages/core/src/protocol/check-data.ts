import type { OpenedDataset } from '../data/open-datasets.js';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import { MultichexnetError } from '../errors.js';
import type { ResolvedPhase } from './resolve-protocol.js';

/** What can be known before the first step: every part that a phase needs has samples, and a gated head has positives. */
export function checkData(
  phases: readonly ResolvedPhase[],
  datasets: ReadonlyMap<string, OpenedDataset>,
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
      if (turn.train.includes('gate') && (parts.train.positive === 0 || parts.train.positive === parts.train.known))
        problems.push(
          new MultichexnetError(
            'DATA_ONE_CLASS',
            `a gate needs positive and negative images; the training part of "${turn.on}" has ${parts.train.positive} positives of ${parts.train.known}`,
            { path },
          ),
        );
    }
  }
  return problems;
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
