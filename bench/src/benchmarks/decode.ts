import type { AugmentConfig, BatchStreamConfig } from '@multichexnet/core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atLeast, atMost, type Benchmark, type Check } from '../benchmark.js';
import { sample } from '../children/report.js';
import { ownContender, pythonContender, type MeasureFunction } from '../contender.js';
import { FORMATS, imageFolder, imagePath, IMAGES, ORIGINAL, type Format } from '../image-files.js';
import type { Entry } from '../interleave.js';
import { round } from '../statistics.js';
import { BATCH, SIZE } from '../workload.js';

const WORKERS = 2;
/** Seconds of epochs before those that are timed, on both sides, and of those, which are a hundred at most. */
const WARM = '3';
const SECONDS = '4';
const MOST = 100;

/** Pillow on the JPEG frame itself, past pydicom's `pixel_array`: nobody's pipeline, but the quickest that these libraries have. Reported, not held against. */
const QUICKEST_DICOM = 'torch-dicom-pillow';

/** Ranges as the peer draws them. */
export const AUGMENT: AugmentConfig = {
  flip: false,
  rotate: 10,
  scale: 0.1,
  translate: 0.05,
  brightness: 0.1,
  contrast: 0.2,
  gamma: 0.2,
  crop: 0,
  elastic: 0,
  grid: 0,
  optical: 0,
  clahe: 0,
  noise: 0,
};

/** Epochs over the files of one format through data workers, from the files or from a cache of them. */
export const measure: MeasureFunction = async (folder, format, from, warm, seconds) => {
  const { BatchStream, createImageServices, ImageSource, stretchTo } = await import('@multichexnet/core');
  const cacheFolder = from === 'cache' ? mkdtempSync(join(tmpdir(), 'bench-cache-')) : undefined;
  const services = createImageServices({
    workers: WORKERS,
    memoryBytes: 0,
    ...(cacheFolder === undefined ? {} : { cache: { folder: cacheFolder, bytes: 1e9 } }),
  });
  try {
    const samples = Array.from({ length: IMAGES }, (_, i) => ({
      dataset: 'films',
      id: String(i),
      image: imagePath(folder, format as Format, i),
      patient: { key: String(i) },
      split: 'train' as const,
      labels: { findings: {} },
    }));
    const source = new ImageSource(samples, { preprocessing: stretchTo(SIZE), services });
    writeFileSync(join(folder, `ours-${format}.u8`), (await source.load(0)).pixels);
    const drawer = {
      draw: (visit: number, size: number) => Array.from({ length: size }, (_, i) => (visit * size + 7 * i) % IMAGES),
    };
    const config: BatchStreamConfig = {
      schedule: {
        turns: [],
        turn: (step) => ({ parts: [{ dataset: 'films', heads: [] }], train: [], visits: [step] }),
      },
      data: { films: { source, drawerOf: () => drawer } },
      heads: {},
      batchSize: BATCH,
      seed: 1,
      augment: AUGMENT,
      prefetch: 4,
    };
    const stream = new BatchStream(config, 0, Infinity);
    const epoch = async (): Promise<void> => {
      for (let done = 0; done < IMAGES; done += BATCH) await stream.next();
    };
    await sample(epoch, Infinity, Number(warm)); // each thread compiles what it runs
    const { wall, cpu } = await sample(epoch, MOST, Number(seconds));
    await stream.close();
    return { library: 'multichexnet', times: { epoch: wall, epochCpu: cpu }, notes: { ...services.cache.counts } };
  } finally {
    await services.reader.close();
    if (cacheFolder !== undefined) rmSync(cacheFolder, { recursive: true });
  }
};

let folder: string;

export const decode: Benchmark = {
  name: 'decode',
  what: `${ORIGINAL} x ${ORIGINAL} files to augmented ${SIZE} x ${SIZE} tensors, ${WORKERS} workers, against PyTorch's DataLoader (needs the peers); its way past pixel_array is reported without a check`,
  settings: { images: IMAGES, from: ORIGINAL, to: SIZE, batch: BATCH, workers: WORKERS },
  rounds: 3,
  prepare: async () => {
    folder = await imageFolder();
  },
  contenders: () =>
    FORMATS.flatMap((format) => [
      ownContender(import.meta.url, `${format}`, `${format}, files`, [folder, format, 'files', WARM, SECONDS]),
      ownContender(import.meta.url, `${format}-cache`, `${format}, cache`, [folder, format, 'cache', WARM, SECONDS]),
      ...(format === 'dicom' ? ['pixel_array', 'pillow'] : ['pillow']).map((decoder) =>
        pythonContender(`torch-${format}-${decoder}`, `DataLoader, ${format}, ${decoder}`, 'decode_torch', [
          ...[folder, format, decoder, String(WORKERS), WARM, SECONDS],
        ]),
      ),
    ]),
  conclude: (entries) => {
    const ratios: Record<string, number> = {};
    const checks: Check[] = [];
    for (const peer of Object.keys(entries).filter((name) => name.startsWith('torch-'))) {
      const [, format] = peer.split('-') as [string, string];
      for (const [ours, limit] of [
        [format, 2],
        [`${format}-cache`, 10],
      ] as const) {
        const over = (part: string): number =>
          round((entries[peer]?.ms[part] as number) / (entries[ours]?.ms[part] as number));
        ratios[`${ours} / ${peer}, images/s`] = over('epoch');
        ratios[`${ours} / ${peer}, images per CPU second`] = over('epochCpu');
        if (peer !== QUICKEST_DICOM) checks.push(atLeast(`images/s, ${ours} / ${peer}`, over('epoch'), limit));
      }
      const difference = Number((entries[peer] as Entry).notes?.['difference'] ?? NaN);
      checks.push(atMost(`mean difference of the unaugmented ${format}, grey levels`, round(difference), 1));
    }
    return { ratios, checks };
  },
};
