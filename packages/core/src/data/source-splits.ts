import { MultichexnetError } from '../errors.js';
import { patientFraction } from './assign-splits.js';
import type { Split, SplitSample } from './sample.js';

/** Leave-one-source-out: a source with fewer images than this is never the one that is left out. */
export interface SourcePlan {
  readonly by: 'source';
  readonly least: number;
}

const VALIDATION_SHARE = 0.15;

/** Sources that are left out in turn, by name; a patient belongs to the source of the first image. */
export function leftOutSources(samples: readonly SplitSample[], { least }: SourcePlan): string[] {
  const counts = new Map<string, number>();
  for (const source of sourcesOf(samples)) if (source !== undefined) counts.set(source, (counts.get(source) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= least)
    .map(([source]) => source)
    .sort();
}

/**
 * For every source with enough images: it is the test part, a share of the other patients validates, the rest trains.
 * @returns for each source the part of every sample
 * @throws MultichexnetError DATA_SOURCES for fewer than two such sources
 */
export function sourceSplits(samples: readonly SplitSample[], plan: SourcePlan, seed: number): Split[][] {
  const left = leftOutSources(samples, plan);
  if (left.length < 2)
    throw new MultichexnetError(
      'DATA_SOURCES',
      `leaving one source out wants two sources with at least ${plan.least} images; there ${left.length === 1 ? `is one (${left[0]})` : 'is none'}`,
    );
  const sources = sourcesOf(samples);
  return left.map((test) =>
    samples.map(({ patient }, i): Split => {
      if (sources[i] === test) return 'test';
      return patientFraction(seed, `source ${patient.key}`) < VALIDATION_SHARE ? 'validation' : 'train';
    }),
  );
}

/** The source of every sample: that of its patient's first image. */
export function sourcesOf(samples: readonly Pick<SplitSample, 'patient' | 'source'>[]): (string | undefined)[] {
  const first = new Map<string, string | undefined>();
  for (const { patient, source } of samples) if (!first.has(patient.key)) first.set(patient.key, source);
  return samples.map(({ patient }) => first.get(patient.key));
}
