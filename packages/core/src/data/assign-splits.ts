import { hash } from 'node:crypto';
import { MultichexnetError } from '../errors.js';
import { ProblemList } from '../table/problem-list.js';
import type { DataProblem, DatasetIndex } from './dataset.js';
import type { Sample, Split, SplitSample } from './sample.js';

export interface SplitOptions {
  readonly seed: number;
  /** Share of the patients that validation takes, 0..1; default 0.1. Where a dataset has an official list, its share of the training patients. */
  readonly validation?: number;
  /** Share of the patients that test takes where no official list says, 0..1; default 0.2. */
  readonly test?: number;
}

export interface SplitResult {
  /** One list per index, in the order of the indexes and of their samples. */
  readonly samples: readonly (readonly SplitSample[])[];
  /**
   * `SPLIT_LEAK`: official lists that contradict each other through one patient (test wins); `SPLIT_EMPTY`: a part without a sample.
   */
  readonly problems: readonly DataProblem[];
}

/**
 * Splits by patient: each stands on one side in every dataset. A patient in any official test list is test everywhere, else one in a validation list is
 * validation; one in an official training list is never test, and train where the dataset has a validation list too; the others are cut three ways. A patient's side depends on nothing but the seed, the patient's key and the official lists, so
 * that adding images or datasets without lists moves nobody.
 * @throws MultichexnetError `SPLIT_FRACTIONS`
 */
export function assignSplits(indexes: readonly DatasetIndex[], options: SplitOptions): SplitResult {
  const { seed, validation = 0.1, test = 0.2 } = options;
  if (!(validation >= 0 && test >= 0 && validation + test < 1))
    throw new MultichexnetError(
      'SPLIT_FRACTIONS',
      `validation ${validation} and test ${test} must be at least 0 and leave something to train on (sum below 1)`,
    );
  const problems = new ProblemList();
  const official = officialSides(indexes, problems);

  const sides = new Map<string, Split>();
  const sideOf = (sample: Sample): Split => {
    const { key } = sample.patient;
    let side = sides.get(key);
    if (side === undefined) {
      side = chooseSide(official.get(key), patientFraction(seed, key), validation, test);
      sides.set(key, side);
    }
    return side;
  };
  const samples = indexes.map((index) => index.samples.map((sample) => ({ ...sample, split: sideOf(sample) })));
  for (const [position, index] of indexes.entries()) {
    const present = new Set(samples[position]?.map((sample) => sample.split));
    const wanted: Split[] = [
      'train',
      ...(validation > 0 ? (['validation'] as const) : []),
      ...(test > 0 ? (['test'] as const) : []),
    ];
    for (const part of wanted)
      if (!present.has(part))
        problems.add(
          'SPLIT_EMPTY',
          index.root,
          undefined,
          `no ${index.kind} sample falls into ${part} (${index.samples.length} samples in all); add patients or change the shares or the seed`,
        );
  }
  return { samples, problems: problems.toArray() };
}

/** Uniform in [0, 1), from SHA-256 of seed and key: equal on every machine. */
export function patientFraction(seed: number, key: string): number {
  return hash('sha256', `${seed}\n${key}`, 'buffer').readUIntBE(0, 6) / 2 ** 48;
}

/** What the lists say of a patient; `train-only` where validation has a list of its own. */
type OfficialSide = Split | 'train-only';

function chooseSide(official: OfficialSide | undefined, u: number, validation: number, test: number): Split {
  if (official === 'test' || official === 'validation') return official;
  if (official === 'train-only') return 'train';
  if (u < validation) return 'validation';
  return official === undefined && u < validation + test ? 'test' : 'train';
}

/** Of two lists that name a patient, the later word here wins. */
const RANK: readonly OfficialSide[] = ['train', 'train-only', 'validation', 'test'];

function officialSides(indexes: readonly DatasetIndex[], problems: ProblemList): Map<string, OfficialSide> {
  const sides = new Map<string, OfficialSide>();
  const first = new Map<string, { readonly index: DatasetIndex; readonly sample: Sample }>();
  const reported = new Set<string>();
  for (const index of indexes) {
    const hasValidation = index.samples.some(({ officialSplit }) => officialSplit === 'validation');
    for (const sample of index.samples) {
      const { key } = sample.patient;
      const { officialSplit } = sample;
      if (officialSplit === undefined) continue;
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, { index, sample });
      else if (earlier.sample.officialSplit !== officialSplit && !reported.has(key)) {
        reported.add(key);
        problems.add(
          'SPLIT_LEAK',
          index.root,
          undefined,
          `patient ${key} is in ${officialSplit} with ${sample.id} and in ${earlier.sample.officialSplit} with ` +
            `${earlier.sample.id} (${earlier.index.kind}); all images of the patient are on one side now`,
        );
      }
      const side = officialSplit === 'train' && hasValidation ? 'train-only' : officialSplit;
      if (RANK.indexOf(side) > RANK.indexOf(sides.get(key) ?? 'train')) sides.set(key, side);
      else if (!sides.has(key)) sides.set(key, side);
    }
  }
  return sides;
}
