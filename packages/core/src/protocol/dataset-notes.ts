import { isPositive, type OpenedDataset } from '../data/open-datasets.js';
import { partNotes } from '../data/part-notes.js';
import { sourceNotes } from '../data/source-notes.js';
import { findingsOf, foldPlan } from './fold-plan.js';
import { evaluationsOf } from './evaluate-phase.js';
import type { ResolvedPhase, ResolvedProtocol } from './resolved-phase.js';

/**
 * What a reader of the tables must know of each dataset: its own notes, how little its test part holds where a phase is measured on that part, and what
 * sources give away of the findings that it is to teach.
 */
export function datasetNotes(
  protocol: ResolvedProtocol,
  datasets: ReadonlyMap<string, OpenedDataset>,
): Record<string, readonly string[]> {
  const { phases } = protocol;
  return Object.fromEntries(
    [...datasets].map(([name, { notes, samples }]) => {
      const trained = phases.filter((phase) => trains(phase, name));
      const usesPart = phases.some(
        (phase) =>
          evaluationsOf(protocol, phase).some(({ dataset }) => dataset === name) &&
          (foldPlan(phase, datasets) === undefined || !trains(phase, name)),
      );
      const findings = [...new Set(trained.flatMap(({ heads }) => findingsOf(heads)))];
      return [name, [...notes, ...(usesPart ? partNotes(samples, isPositive) : []), ...sourceNotes(samples, findings)]];
    }),
  );
}

function trains({ schedule }: ResolvedPhase, dataset: string): boolean {
  return schedule.turns.some(({ on }) => on === dataset);
}
