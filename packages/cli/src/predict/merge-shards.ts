import { hashValue, MultichexnetError, writeFileAtomic } from '@multichexnet/core';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilePrediction } from './predict-files.js';
import { readShard, shardFile, type ShardHead } from './shard-file.js';

export interface Merged {
  readonly files: number;
  readonly failed: number;
  readonly predictions: string;
  readonly errors: string;
}

const NAME = /^shard-\d+-of-(\d+)\.jsonl$/;

/**
 * All shards as `predictions.jsonl` and `errors.jsonl`, by path.
 * @throws MultichexnetError PREDICT_INCOMPLETE naming the shards that lack images, PREDICT_SHARD when they do not belong together
 */
export async function mergeShards(out: string): Promise<Merged> {
  const names = await readdir(out);
  const counts = new Set(names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number));
  const [count] = counts;
  if (count === undefined)
    throw new MultichexnetError('PREDICT_INCOMPLETE', 'there is no shard of predictions', { file: out });
  if (counts.size > 1)
    throw new MultichexnetError('PREDICT_SHARD', `shards of ${[...counts].join(' and of ')} lie in one folder`, {
      file: out,
    });
  const results: FilePrediction[] = [];
  const missing: string[] = [];
  let common: string | undefined;
  for (let index = 0; index < count; index++) {
    const { head, results: own } = await readShard(shardFile(out, { index, count }));
    if (head === undefined) {
      missing.push(`${index}/${count} (not begun)`);
      continue;
    }
    if ((common ??= whole(head)) !== whole(head))
      throw new MultichexnetError(
        'PREDICT_SHARD',
        'this shard is of another model, precision or runtime, of another list of images or with other heat maps than the first',
        {
          file: shardFile(out, { index, count }),
        },
      );
    const unique = new Map(own.map((result) => [result.file, result]));
    if (unique.size < head.files) missing.push(`${index}/${count} (${unique.size} of ${head.files} images)`);
    results.push(...unique.values());
  }
  if (missing.length > 0)
    throw new MultichexnetError(
      'PREDICT_INCOMPLETE',
      `shards are not complete: ${missing.join(', ')}; run each of them again, what is done is skipped`,
      { file: out },
    );
  results.sort((a, b) => (a.file < b.file ? -1 : 1));
  const failed = results.filter(({ error }) => error !== undefined);
  const merged: Merged = {
    files: results.length,
    failed: failed.length,
    predictions: join(out, 'predictions.jsonl'),
    errors: join(out, 'errors.jsonl'),
  };
  await writeFileAtomic(merged.predictions, lines(results.filter(({ error }) => error === undefined)));
  await writeFileAtomic(merged.errors, lines(failed));
  return merged;
}

const whole = ({ run, phase, model, listing, cams = [] }: ShardHead): string =>
  hashValue([run, phase, model, listing, cams]);
const lines = (results: readonly FilePrediction[]): string => results.map((one) => `${JSON.stringify(one)}\n`).join('');
