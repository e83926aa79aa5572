import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRandom, encodePngGrey, encodeRle, ImagingError } from '@multichexnet/imaging';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainDrawer } from '../../gate/draw-batch.js';
import type { AugmentConfig } from '../../protocol/protocol.js';
import { createSchedule } from '../../schedule/schedule.js';
import { BatchStream, type PreparedTurn } from '../../train/batch-stream.js';
import { createImageServices, type ImageServicesOptions } from '../image-services.js';
import { ImageSource } from '../image-source.js';
import { stretchTo } from '../preprocessing.js';
import type { SplitSample } from '../sample.js';
import { DataWorkers, type DataWorkersOptions } from './data-workers.js';
import type { ImageJob } from './image-job.js';

let folder: string;
const samples: SplitSample[] = [];
const SIDE = 40;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-workers-'));
  for (let i = 0; i < 9; i++) {
    const random = createRandom(i, 'pixels');
    const mask = Uint8Array.from({ length: SIDE * SIDE }, (_, p) => Number(p % SIDE < 4 * i));
    const image = join(folder, `${i}.png`);
    await writeFile(
      image,
      await encodePngGrey(
        mask.map((inside) => inside * 100 + random.int(100)),
        SIDE,
        SIDE,
      ),
    );
    const size = { width: SIDE, height: SIDE };
    samples.push({
      dataset: 'siim',
      id: `${i}`,
      image,
      patient: { key: `${i}` },
      split: 'train',
      labels: {
        findings: {},
        boxes: [{ x: 0, y: 0, width: 4 * i + 1, height: SIDE }],
        ...(i % 2 === 0
          ? {}
          : { mask: { ...size, rle: [encodeRle(mask, { ...size, relative: true, order: 'column' })] } }),
      },
    });
  }
});
afterAll(() => rm(folder, { recursive: true }));

const augment: AugmentConfig = {
  flip: true,
  rotate: 20,
  scale: 0.1,
  translate: 0.1,
  brightness: 0.1,
  contrast: 0.2,
  gamma: 0.2,
  crop: 0.2,
  elastic: 0.02,
  grid: 0.1,
  optical: 0.05,
  clahe: 0.5,
  noise: 0.02,
};

const job = (sample = samples[1]!): ImageJob => ({ sample, preprocessing: stretchTo(16), keep: true });

/** Stands for a head: its targets are what it sees. */
const head = {
  plugin: { label: ({ input }: { input: unknown }) => input },
  options: {},
  head: {
    encode: ({ boxes, mask }: { boxes: { x: number }[]; mask?: Uint8Array }) => [
      Float32Array.from({ length: 256 }, (_, i) => mask?.[i] ?? 2),
      boxes[0]?.x ?? -1,
    ],
  },
  targetShapes: [[256], [1]],
} as never;

async function batches(workers: number, more: ImageServicesOptions = {}): Promise<PreparedTurn[]> {
  const services = createImageServices({ workers, ...more });
  const source = new ImageSource(samples, { preprocessing: stretchTo(16), services });
  const drawer = plainDrawer([...samples.keys()], 3, 'siim');
  const stream = new BatchStream(
    {
      schedule: createSchedule({ kind: 'alternating', turns: [{ on: 'siim', train: ['seg'] }] }, {}),
      data: { siim: { source, drawerOf: () => drawer } },
      heads: { seg: head },
      batchSize: 4,
      seed: 3,
      augment,
    },
    0,
    6,
  );
  try {
    const turns: PreparedTurn[] = [];
    for (let step = 0; step < 6; step++) {
      const { turn, batches: now } = await stream.next();
      expect(now.every(({ images }) => images.buffer instanceof SharedArrayBuffer)).toBe(true);
      turns.push({ turn, batches: now.map((batch) => ({ ...batch, images: batch.images.slice() })) });
    }
    await expect(stream.next()).rejects.toThrow(RangeError);
    return turns;
  } finally {
    await services.reader.close();
  }
}

test('the same bytes with 0, 1 and 4 workers, held in memory or read again, from a cache or not', async () => {
  const cache = { folder: join(folder, 'cache'), bytes: 1e6 };
  const [none, ...others] = [
    await batches(0),
    await batches(1),
    await batches(4, { memoryBytes: 0 }),
    await batches(4, { memoryBytes: 0, cache }),
    await batches(0, { memoryBytes: 0, cache }),
  ];
  for (const other of others) expect(other).toEqual(none);
  const images = none.flatMap((turn) => turn.batches).map((batch) => batch.images);
  expect(new Set(images.map((pixels) => pixels.join())).size).toBe(6);
});

test('what a worker throws arrives as what it was', async () => {
  const services = createImageServices({ workers: 1 });
  try {
    const image = join(folder, 'cut.png');
    await writeFile(image, new Uint8Array(60));
    const failure = await services.reader.run(job({ ...samples[0]!, image })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ImagingError);
    expect(failure).toMatchObject({
      code: 'IMAGE_TYPE',
      path: image,
      message: expect.stringContaining(image) as string,
    });
    // It goes on afterwards.
    expect((await services.reader.run(job())).prepared).toMatchObject({ width: SIDE, height: SIDE, size: 16 });
  } finally {
    await services.reader.close();
  }
});

/** Workers of a script of their own, which sees the id of each image. */
async function scripted<T>(
  body: string,
  options: Partial<DataWorkersOptions>,
  use: (pool: DataWorkers) => Promise<T>,
): Promise<T> {
  const file = join(folder, 'worker.mjs');
  await writeFile(
    file,
    `import { parentPort, workerData } from 'node:worker_threads';
    parentPort.on('message', (request) => {
      if (request === 'end') return parentPort.close();
      const answers = request.jobs.map(({ job }) => {
        const { id } = job.sample;
        Atomics.add(workerData.begun, 0, 1);
        ${body}
        return { result: { labels: { boxes: [], id } } };
      });
      parentPort.postMessage({ answers, ms: 0 });
    });
    parentPort.postMessage('ready');`,
  );
  const pool = new DataWorkers({ count: 1, entry: new URL(`file://${file}`), ...options });
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

const outcomes = (pool: DataWorkers): Promise<PromiseSettledResult<unknown>[]> =>
  Promise.allSettled(samples.slice(0, 4).map((sample) => pool.run(job(sample))));

test.each([
  ['exits', 'if (id === "1") process.exit(7);', {}, 'it exited with code 7'],
  ['throws', 'if (id === "1") throw new Error("a defect");', {}, 'a defect'],
  [
    'fills its heap',
    'if (id === "1") { const all = []; for (;;) all.push(new Array(1000).fill(id)); }',
    { heapMb: 16 },
    'its 16 MB of heap',
  ],
  ['hangs', 'if (id === "1") for (;;);', { timeoutMs: 1500 }, 'it was not done after 1.5 s'],
] as const)('a worker that %s costs the file that it was at, and no other', async (_, body, options, reason) => {
  const results = await scripted(body, options, outcomes);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect((results[1] as PromiseRejectedResult).reason).toMatchObject({
    code: 'DATA_WORKER_LOST',
    place: { file: samples[1]!.image },
    message: expect.stringContaining(reason) as string,
  });
});

test('workers that do not start are not started for ever', async () => {
  const pool = new DataWorkers({ count: 2, entry: new URL(`file://${folder}/nothing.mjs`) });
  const results = await outcomes(pool);
  for (const result of results)
    expect((result as PromiseRejectedResult).reason).toMatchObject({ code: 'DATA_WORKER_START' });
  await pool.close();
});

test('closing ends what waits, lets what is under way finish, and refuses more', async () => {
  const services = createImageServices({ workers: 1 });
  const under = Promise.allSettled(samples.map((sample) => services.reader.run(job(sample))));
  await services.reader.close();
  const statuses = (await under).map(({ status }) => status);
  expect(statuses.slice(0, 2)).toEqual(['fulfilled', 'fulfilled']);
  expect(statuses.slice(2)).toEqual(Array(7).fill('rejected'));
  await expect(services.reader.run(job())).rejects.toMatchObject({ code: 'DATA_CLOSED' });
});

test('a pool that nobody closes does not keep its process alive', async () => {
  const script = join(folder, 'forget.mjs');
  await writeFile(
    script,
    `import { DataWorkers } from ${JSON.stringify(new URL('data-workers.ts', import.meta.url).href)};
    const pool = new DataWorkers({ count: 2, workerData: {} });
    const { prepared } = await pool.run(${JSON.stringify(job())});
    console.log(prepared.width);`,
  );
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--conditions=@multichexnet/source', script],
    { timeout: 50_000 },
  );
  expect(stdout).toBe(`${SIDE}\n`);
});
