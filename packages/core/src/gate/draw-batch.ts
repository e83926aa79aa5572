import { createRandom } from '@multichexnet/imaging';
import { ShuffledPool } from '../data/shuffled.js';
import { MultichexnetError } from '../errors.js';

/** Section 3.8: what a dense head sees while it trains. */
export interface TeacherForcing {
  /** Probability of drawing from the ground-truth positives; otherwise from what the gate lets through. */
  readonly probability: number;
  /** One coin for a batch (the paper's "every batch or sample") or for each sample. */
  readonly per: 'batch' | 'sample';
  /** Share of plain negatives mixed in, so that the head also sees what a wrong gate would pass. */
  readonly negatives: number;
}

/** Indices of one dataset's training samples. */
export interface DrawPools {
  readonly all: readonly number[];
  readonly positives: readonly number[];
  /** What the gate lets through, false positives included. */
  readonly passed: readonly number[];
}

/** Draws the sample indices of a dataset's batches: pure in (seed, visit). */
export interface BatchDrawer {
  draw(visit: number, batchSize: number): number[];
}

/** Every sample in shuffled epochs. */
export function plainDrawer(indices: readonly number[], seed: number, name: string): BatchDrawer {
  const pool = new ShuffledPool(indices, seed, name);
  return { draw: (visit, batchSize) => Array.from({ length: batchSize }, (_, i) => pool.at(visit * batchSize + i)) };
}

/**
 * A fixed share of every batch from the positives, the rest from the negatives (`positivePortion` of the original data loader); both are in every batch of
 * two or more, and batches of one take turns.
 */
export function balancedDrawer(
  pools: Pick<DrawPools, 'all' | 'positives'>,
  portion: number,
  seed: number,
  name: string,
): BatchDrawer {
  const positiveSet = new Set(pools.positives);
  const positives = new ShuffledPool(pools.positives, seed, `${name}/positives`);
  const negatives = new ShuffledPool(
    pools.all.filter((index) => !positiveSet.has(index)),
    seed,
    `${name}/negatives`,
  );
  if (positives.size === 0 || negatives.size === 0) return plainDrawer(pools.all, seed, name);
  return {
    draw: (visit, batchSize) => {
      if (batchSize === 1) {
        const earlier = Math.floor(visit * portion);
        const positive = Math.floor((visit + 1) * portion) > earlier;
        return [positive ? positives.at(earlier) : negatives.at(visit - earlier)];
      }
      const count = Math.min(batchSize - 1, Math.max(1, Math.round(portion * batchSize)));
      return Array.from({ length: batchSize }, (_, i) =>
        i < count ? positives.at(visit * count + i) : negatives.at(visit * (batchSize - count) + i - count),
      );
    },
  };
}

/**
 * The coin of section 3.8. When the gate lets nothing through, its share falls to the positives.
 * @throws MultichexnetError DATA_NO_POSITIVES when the dataset has no positive training sample
 */
export function teacherForcedDrawer(
  pools: DrawPools,
  forcing: TeacherForcing,
  seed: number,
  name: string,
): BatchDrawer {
  if (pools.positives.length === 0)
    throw new MultichexnetError(
      'DATA_NO_POSITIVES',
      `dataset "${name}" has no positive training sample to teach a dense head with`,
    );
  const positiveSet = new Set(pools.positives);
  const source = (items: readonly number[], key: string): ShuffledPool<number> =>
    new ShuffledPool(items, seed, `${name}/${key}`);
  const positives = source(pools.positives, 'positives');
  const passed = source(pools.passed.length > 0 ? pools.passed : pools.positives, 'passed');
  const negatives = source(
    pools.all.filter((index) => !positiveSet.has(index)),
    'negatives',
  );
  return {
    draw: (visit, batchSize) => {
      const coins = createRandom(seed, 'teacher-forcing', name, visit);
      const forced = coins.uniform() < forcing.probability;
      return Array.from({ length: batchSize }, (_, i) => {
        const position = visit * batchSize + i;
        const [negative, coin] = [coins.uniform(), coins.uniform()];
        if (negative < forcing.negatives && negatives.size > 0) return negatives.at(position);
        const truth = forcing.per === 'batch' ? forced : coin < forcing.probability;
        return truth ? positives.at(position) : passed.at(position);
      });
    },
  };
}
