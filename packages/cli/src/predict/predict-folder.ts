import { hashValue, mapLimit, type Logger } from '@multichexnet/core';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileWord, type CamOverlays } from './cam-overlays.js';
import { shardOf, type Shard } from './find-shard.js';
import { listImages } from './list-images.js';
import type { Predictor } from './load-predictor.js';
import { predictOne, type FilePrediction, type Places } from './predict-files.js';
import { ShardWriter, type ShardHead } from './shard-file.js';

export interface FolderRequest {
  readonly predictor: Predictor;
  readonly folder: string;
  /** Where results, masks and heat maps go. */
  readonly out: string;
  /** Heat maps wanted. */
  readonly cams?: CamOverlays;
  readonly shard: Shard;
  /** Files under way at a time. */
  readonly lanes: number;
  readonly head: Pick<ShardHead, 'run' | 'phase' | 'model'>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface FolderResult extends Shard {
  /** Images of this shard. */
  readonly files: number;
  /** Read now; the others were done before, or are left. */
  readonly read: number;
  readonly failed: number;
}

/** Predicts the images of one shard of a folder that are not done yet, with masks under `masks/` and heat maps under `cams/`. @throws MultichexnetError PREDICT_SHARD */
export async function predictFolder(request: FolderRequest): Promise<FolderResult> {
  const { predictor, folder, out, cams, shard, lanes, logger, signal } = request;
  const all = await listImages(folder, out);
  const own = all.filter((path) => shardOf(path, shard.count) === shard.index);
  const writer = await ShardWriter.open(out, {
    ...request.head,
    ...shard,
    listing: hashValue(all),
    files: own.length,
    ...(cams === undefined ? {} : { cams: cams.findings }),
  });
  try {
    const left = own.filter((path) => !writer.done.has(path));
    if (left.length < own.length) logger.info(`${own.length - left.length} of ${own.length} images are done already`);
    let [read, failed] = [0, 0];
    const predict = async (path: string): Promise<FilePrediction> => {
      const mask = `masks/${path}.png`;
      const cam = (finding: string): string => `cams/${path}.${fileWord(finding)}.png`;
      for (const place of cams === undefined ? [mask] : [mask, cam('')])
        await mkdir(dirname(join(out, place)), { recursive: true });
      const places: Places = {
        mask: join(out, mask),
        ...(cams === undefined ? {} : { cams: { overlays: cams, png: (finding) => join(out, cam(finding)) } }),
      };
      const result = await predictOne(predictor, join(folder, path), places);
      // Results may be moved: places are relative to them.
      return {
        ...result,
        file: path,
        ...(result.mask === undefined ? {} : { mask: { ...result.mask, png: mask } }),
        ...(result.cams === undefined ? {} : { cams: result.cams.map((one) => ({ ...one, png: cam(one.finding) })) }),
      };
    };
    // Written in the order of the listing, whichever is done first: the same folder, the same file.
    let written = Promise.resolve();
    await mapLimit(left, lanes, async (path) => {
      if (signal.aborted) return;
      written = Promise.all([predict(path), written]).then(async ([result]) => {
        await writer.add(result);
        read++;
        if (result.error !== undefined) failed++;
        logger.progress({ name: `shard ${shard.index}/${shard.count}`, done: read, total: left.length });
      });
      await written;
    });
    return { ...shard, files: own.length, read, failed };
  } finally {
    await writer.close();
  }
}
