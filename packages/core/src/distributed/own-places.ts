import type { RankGroup } from '../engine/engine.js';
import { MultichexnetError } from '../errors.js';

/**
 * Places of the whole batch that a rank's samples have. Of every micro-batch each rank takes an equal, consecutive part, so that how many processes train
 * changes nothing but the speed.
 *
 * @param batchSize of the whole step
 * @param accumulate micro-batches in it
 * @throws MultichexnetError RANKS_BATCH
 */
export function ownPlaces(
  { rank, size }: Pick<RankGroup, 'rank' | 'size'>,
  batchSize: number,
  accumulate = 1,
): number[] {
  const micro = batchSize / accumulate;
  const own = micro / size;
  if (!Number.isInteger(own))
    throw new MultichexnetError(
      'RANKS_BATCH',
      `a batch of ${micro} cannot be shared equally by ${size} processes; train.batchSize, which is that of all processes together, must be a multiple of ${size}`,
      { path: 'train.batchSize' },
    );
  return Array.from({ length: accumulate }, (_, m) =>
    Array.from({ length: own }, (_, i) => m * micro + rank * own + i),
  ).flat();
}
