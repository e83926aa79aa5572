import type { Logger } from '../log/logger.js';
import { MultichexnetError } from '../errors.js';
import { loadCheckpoint, loadNewestCheckpoint, type Checkpoint } from '../store/checkpoint.js';
import { hashBytes } from '../store/hash.js';
import { encodeSafetensors, type NamedTensor } from '../store/safetensors.js';
import type { RankTalk } from './rank-talk.js';

/** The newest valid checkpoint as rank 0 finds it, read by every rank. @throws MultichexnetError RANKS_CHECKPOINT, CHECKPOINT_CORRUPT */
export async function agreeOnCheckpoint(
  talk: RankTalk,
  folder: string,
  logger: Logger,
): Promise<Checkpoint | undefined> {
  const { rank } = talk.group;
  const newest = rank === 0 ? await loadNewestCheckpoint(folder, logger) : undefined;
  const step = (await talk.fromFirst(newest === undefined ? 0 : newest.step + 1)) - 1;
  if (rank === 0 || step < 0) return newest;
  try {
    return await loadCheckpoint(folder, step);
  } catch (error) {
    throw new MultichexnetError(
      'RANKS_CHECKPOINT',
      `rank ${rank} cannot read the checkpoint of step ${step} that rank 0 goes on from; the run folder must be one that all ranks share`,
      { file: folder },
      { cause: error },
    );
  }
}

/** Makes sure that all ranks start from the same numbers. @throws MultichexnetError RANKS_DIFFER */
export async function agreeOnState(
  talk: RankTalk,
  weights: Readonly<Record<string, NamedTensor>>,
  moments: Readonly<Record<string, NamedTensor>>,
): Promise<void> {
  await talk.agree({
    'starting weights': hashBytes(encodeSafetensors(weights)),
    'moments of the optimizer': hashBytes(encodeSafetensors(moments)),
  });
}
