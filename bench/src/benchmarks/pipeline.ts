import type { Batch, BatchStreamConfig, HeadModule, ImageServicesOptions } from '@multichexnet/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Benchmark } from '../benchmark.js';
import { ownContender, type MeasureFunction } from '../contender.js';
import { imageFolder, imagePath, IMAGES, ORIGINAL } from '../image-files.js';
import { round } from '../statistics.js';
import { BATCH, LEARNING_RATE, SIZE } from '../workload.js';
import { AUGMENT } from './decode.js';

/** Steps of a block, which is the unit that is timed, and blocks of each kind in one process. */
const STEPS = 6;
const BLOCKS = 3;
const KINDS = ['memory', 'disk', 'cache'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Blocks of training steps in turns: from batches that lie in memory, from files, from a cache of them. A block from files begins with nothing read ahead and
 * ends with nothing left over, so all that reading costs is in its time.
 */
export const measure: MeasureFunction = async (folder) => {
  const { BatchStream, createImageServices, createTrainStep, ImageSource, stretchTo } =
    await import('@multichexnet/core');
  const { createEngine } = await import('@multichexnet/engine');
  const { createHead, createPool } = await import('../children/model.js');
  const engine = await createEngine();
  const pool = createPool(engine);
  const heads: Record<string, HeadModule> = { cls: createHead(pool, 'cls') };
  const step = createTrainStep({
    engine,
    encoder: pool.encoder,
    heads,
    optimizer: engine.createOptimizer({ kind: 'adam' }),
    turn: { parts: [{ dataset: 'films', heads: ['cls'] }], train: ['encoder', 'cls'] },
    weights: {},
    frozen: () => false,
    batchNorm: 'separate',
  });
  const cacheFolder = mkdtempSync(join(tmpdir(), 'bench-cache-'));
  const options: Record<Kind, ImageServicesOptions> = {
    memory: { workers: 0 },
    disk: { workers: 2, memoryBytes: 0 },
    cache: { workers: 2, memoryBytes: 0, cache: { folder: cacheFolder, bytes: 1e9 } },
  };
  const { classes } = heads['cls']?.options as { readonly classes: readonly string[] };
  const findings = Object.fromEntries(classes.map((name, i) => [name, i % 3 === 0]));
  const samples = Array.from({ length: IMAGES }, (_, i) => ({
    dataset: 'films',
    id: String(i),
    image: imagePath(folder, 'dicom', i),
    patient: { key: String(i) },
    split: 'train' as const,
    labels: { findings },
  }));
  const drawer = {
    draw: (visit: number, size: number) => Array.from({ length: size }, (_, i) => (visit * size + i) % IMAGES),
  };
  const services = KINDS.map((kind) => createImageServices(options[kind]));
  const streamOf = (kind: Kind): BatchStreamConfig => {
    const source = new ImageSource(samples, {
      preprocessing: stretchTo(SIZE),
      services: services[KINDS.indexOf(kind)] as ReturnType<typeof createImageServices>,
    });
    return {
      schedule: {
        turns: [],
        turn: (at) => ({ parts: [{ dataset: 'films', heads: ['cls'] }], train: ['encoder', 'cls'], visits: [at] }),
      },
      data: { films: { source, drawerOf: () => drawer } },
      heads,
      batchSize: BATCH,
      seed: 1,
      augment: AUGMENT,
    };
  };
  const configs = { memory: streamOf('memory'), disk: streamOf('disk'), cache: streamOf('cache') };
  const ready: Batch[] = [];
  const preparing = new BatchStream(configs.memory, 0, STEPS);
  for (let i = 0; i < STEPS; i++) {
    const { batches } = await preparing.next();
    const [batch] = batches as [Batch];
    ready.push({ ...batch, images: batch.images.slice() }); // the stream uses its memory again
  }
  for (const kind of ['disk', 'cache'] as const) {
    const { source } = configs[kind].data['films'] as { source: InstanceType<typeof ImageSource> };
    await source.loadReadable([...samples.keys()]); // threads are up, and the cache is full
  }

  let count = 0;
  const run = async (batches: readonly Batch[]): Promise<void> => {
    const losses = await step.run(batches, { seed: 1, step: count++, learningRate: LEARNING_RATE });
    if (!Number.isFinite(losses['total'])) throw new Error(`the loss is ${losses['total']}`);
  };
  const block = async (kind: Kind, from: number): Promise<void> => {
    if (kind === 'memory') {
      for (const batch of ready) await run([batch]);
      return;
    }
    const stream = new BatchStream(configs[kind], from, from + STEPS);
    for (let i = 0; i < STEPS; i++) await run((await stream.next()).batches);
  };
  await run([ready[0] as Batch]);
  const times: Record<string, number[]> = Object.fromEntries(
    KINDS.flatMap((kind) => [
      [kind, []],
      [`${kind}Cpu`, []],
    ]),
  );
  try {
    for (let i = 0; i < BLOCKS; i++)
      // In another order each time: none always comes after the same other.
      for (let k = 0; k < KINDS.length; k++) {
        const kind = KINDS[(k + i) % KINDS.length] as Kind;
        const [started, before] = [performance.now(), process.cpuUsage()];
        await block(kind, i * STEPS);
        const { user, system } = process.cpuUsage(before);
        times[kind]?.push((performance.now() - started) / STEPS);
        times[`${kind}Cpu`]?.push((user + system) / 1000 / STEPS);
      }
  } finally {
    for (const { reader } of services) await reader.close();
    rmSync(cacheFolder, { recursive: true });
  }
  return { library: `${engine.info.name} ${engine.info.version}`, times };
};

let folder: string;

export const pipeline: Benchmark = {
  name: 'pipeline',
  what: `training fed from ${ORIGINAL} x ${ORIGINAL} DICOM files, and from a cache of them, against training fed from memory`,
  settings: {
    network: 'DenseNet-121',
    pixels: SIZE,
    batch: BATCH,
    files: `${ORIGINAL} x ${ORIGINAL} JPEG in DICOM`,
    workers: 2,
  },
  rounds: 2,
  prepare: async () => {
    folder = await imageFolder();
  },
  contenders: () => [ownContender(import.meta.url, 'pipeline', 'blocks in turns', [folder])],
  conclude: ({ pipeline: entry }) => {
    const over = (kind: Kind, part = ''): number =>
      round((entry?.ms[kind + part] as number) / (entry?.ms[`memory${part}`] as number));
    return {
      ratios: {
        'disk/memory': over('disk'),
        'cache/memory': over('cache'),
        'disk/memory CPU time': over('disk', 'Cpu'),
        'cache/memory CPU time': over('cache', 'Cpu'),
      },
      checks: [
        atMost('step fed from disk / from memory', over('disk'), 1.15),
        atMost('step fed from the cache / from memory', over('cache'), 1.05),
      ],
    };
  },
};
