import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MultichexnetError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import { renameFolder, writeFileAtomic, writeJson } from './atomic-write.js';
import { writeTo } from './disk-full.js';
import { hashBytes } from './hash.js';
import { decodeSafetensors, safetensorsChunks, type NamedTensor } from './safetensors.js';

/** Everything that a phase needs to go on bit for bit. The data position is a function of `step` and the seed. */
export interface Checkpoint {
  readonly step: number;
  /** Parameters and batch-norm statistics, `<module>/<layer>/<weight>`. */
  readonly model: Readonly<Record<string, NamedTensor>>;
  readonly optimizer: Readonly<Record<string, NamedTensor>>;
}

interface CheckpointState {
  readonly step: number;
  readonly sha256: { readonly model: string; readonly optimizer: string };
}

export function checkpointName(step: number): string {
  return `checkpoint-${String(step).padStart(8, '0')}`;
}

const FOLDER = /^checkpoint-(\d{8,})$/;
const KEPT = 2;

/** Writes `checkpoint-<step>/` whole or not at all, and keeps the newest two. */
export async function saveCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const name = checkpointName(checkpoint.step);
  const partial = join(folder, `${name}.partial`);
  await rm(partial, { recursive: true, force: true });
  await writeTo(partial, () => mkdir(partial, { recursive: true }));
  const model = safetensorsChunks(checkpoint.model);
  const optimizer = safetensorsChunks(checkpoint.optimizer);
  await writeFileAtomic(join(partial, 'model.safetensors'), model);
  await writeFileAtomic(join(partial, 'optimizer.safetensors'), optimizer);
  const state: CheckpointState = {
    step: checkpoint.step,
    sha256: { model: hashBytes(model), optimizer: hashBytes(optimizer) },
  };
  await writeJson(join(partial, 'state.json'), state);
  await rm(join(folder, name), { recursive: true, force: true });
  await renameFolder(partial, join(folder, name));
  const names = await checkpointNames(folder);
  for (const old of names.slice(0, -KEPT)) await rm(join(folder, old), { recursive: true, force: true });
}

/** The newest checkpoint that reads back whole; a corrupt newer one is passed over with a warning that names both. */
export async function loadNewestCheckpoint(folder: string, logger: Logger): Promise<Checkpoint | undefined> {
  let skipped: string | undefined;
  for (const name of (await checkpointNames(folder)).reverse()) {
    try {
      const checkpoint = await readCheckpoint(join(folder, name));
      if (skipped !== undefined) logger.warn(`${skipped}; going on from ${name}`);
      return checkpoint;
    } catch (error) {
      skipped = `${join(folder, name)} cannot be read (${error instanceof Error ? error.message : String(error)})`;
    }
  }
  if (skipped !== undefined)
    throw new MultichexnetError('CHECKPOINT_CORRUPT', `${skipped} and there is no older one`, { file: folder });
  return undefined;
}

/** Of the newest checkpoint, whole or not; 0 without any. */
export async function newestCheckpointStep(folder: string): Promise<number> {
  const newest = (await checkpointNames(folder)).at(-1);
  return newest === undefined ? 0 : stepOf(newest);
}

/** The checkpoint of one step. @throws MultichexnetError CHECKPOINT_CORRUPT, or what reading it throws */
export function loadCheckpoint(folder: string, step: number): Promise<Checkpoint> {
  return readCheckpoint(join(folder, checkpointName(step)));
}

async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const stateFile = join(folder, 'state.json');
  const state = JSON.parse(await readFile(stateFile, 'utf8')) as CheckpointState;
  // No hash covers state.json: its step must be the one that the folder is named after.
  if (state.step !== stepOf(basename(folder)))
    throw new MultichexnetError('CHECKPOINT_CORRUPT', `state.json says step ${String(state.step)}`, {
      file: stateFile,
    });
  const read = async (part: 'model' | 'optimizer'): Promise<Record<string, NamedTensor>> => {
    const file = join(folder, `${part}.safetensors`);
    const bytes = await readFile(file);
    if (hashBytes(bytes) !== state.sha256[part])
      throw new MultichexnetError('CHECKPOINT_CORRUPT', `${part}.safetensors differs from the hash in state.json`, {
        file,
      });
    return decodeSafetensors(bytes, file).tensors;
  };
  return { step: state.step, model: await read('model'), optimizer: await read('optimizer') };
}

async function checkpointNames(folder: string): Promise<string[]> {
  // Only a folder that is not there means that there is nothing: one that cannot be read must not start training afresh.
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw error;
  });
  return entries.filter((name) => FOLDER.test(name)).sort((a, b) => stepOf(a) - stepOf(b));
}

function stepOf(name: string): number {
  return Number(FOLDER.exec(name)?.[1]);
}
