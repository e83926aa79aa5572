import { hashValue, MultichexnetError } from '@multichexnet/core';
import { open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilePrediction } from './predict-files.js';
import type { Shard } from './find-shard.js';

/** What all shards of one folder have in common, and the one has. */
export interface ShardHead extends Shard {
  readonly run: string;
  readonly phase: string;
  /** Of the phase that predicts. */
  readonly model: string;
  /** Hash of the folder's file names. */
  readonly listing: string;
  /** Images of this shard. */
  readonly files: number;
  /** Findings whose heat maps are drawn; absent = none. */
  readonly cams?: readonly string[];
}

export interface ReadShard {
  readonly head: ShardHead | undefined;
  readonly results: readonly FilePrediction[];
  /** Bytes of whole lines; what follows was torn off. */
  readonly whole: number;
}

export const shardFile = (out: string, { index, count }: Shard): string =>
  join(out, `shard-${index}-of-${count}.jsonl`);

/** The file of a shard as far as it is written. @throws MultichexnetError PREDICT_SHARD */
export async function readShard(file: string): Promise<ReadShard> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const end = text.lastIndexOf('\n') + 1;
  const lines = text.slice(0, end).split('\n').slice(0, -1);
  try {
    const [head, ...results] = lines.map((line) => JSON.parse(line) as unknown);
    return {
      head: head as ShardHead | undefined,
      results: results as FilePrediction[],
      whole: Buffer.byteLength(text.slice(0, end)),
    };
  } catch (error) {
    throw new MultichexnetError('PREDICT_SHARD', `not JSON lines: ${(error as Error).message}`, { file });
  }
}

/** Results of one shard, one JSON line each behind a head; only ever appended to, so that a restart knows what is done. */
export class ShardWriter {
  /** Paths of the images that need no reading again. */
  readonly done: ReadonlySet<string>;
  private readonly handle: FileHandle;

  private constructor(handle: FileHandle, done: ReadonlySet<string>) {
    this.handle = handle;
    this.done = done;
  }

  /** @throws MultichexnetError PREDICT_SHARD when the file is of another model, of another list of images or with other heat maps */
  static async open(out: string, head: ShardHead): Promise<ShardWriter> {
    const file = shardFile(out, head);
    const earlier = await readShard(file);
    if (earlier.head !== undefined && hashValue(earlier.head) !== hashValue(head))
      throw new MultichexnetError(
        'PREDICT_SHARD',
        'these are predictions of another model, precision or runtime, of a folder that had other files, or with other heat maps; choose another --out, or remove them',
        { file },
      );
    const handle = await open(file, 'a');
    await truncate(file, earlier.whole);
    if (earlier.head === undefined) await handle.appendFile(`${JSON.stringify(head)}\n`);
    return new ShardWriter(handle, new Set(earlier.results.map(({ file: path }) => path)));
  }

  async add(result: FilePrediction): Promise<void> {
    await this.handle.appendFile(`${JSON.stringify(result)}\n`);
  }

  async close(): Promise<void> {
    await this.handle.sync();
    await this.handle.close();
  }
}
