import { expect, test } from 'vitest';
import { ImagingError } from '@multichexnet/imaging';
import type { Batch } from '../data/batch.js';
import { createImageServices } from '../data/image-services.js';
import { ImageSource } from '../data/image-source.js';
import { stretchTo } from '../data/preprocessing.js';
import type { SplitSample } from '../data/sample.js';
import type { ImageJob } from '../data/workers/image-job.js';
import type { ImageReader } from '../data/workers/image-reader.js';
import { plainDrawer } from '../gate/draw-batch.js';
import { silentLogger } from '../log/logger.js';
import type { AugmentConfig } from '../protocol/protocol.js';
import { createSchedule } from '../schedule/schedule.js';
import { trainLoop, type TrainingLoop } from './trainer.js';

interface Seen {
  readonly turn: string;
  readonly images: number[];
  readonly step: number;
  readonly rate: number;
}

function loop(
  more: Partial<TrainingLoop> = {},
  lossAt: (step: number) => number = (step) => 1 / (step + 1),
  read: (job: ImageJob) => void = () => undefined,
  maxBroken = 0,
): { seen: Seen[]; config: TrainingLoop } {
  const seen: Seen[] = [];
  const data = Object.fromEntries(
    ['one', 'two'].map((name, d) => {
      const samples = Array.from({ length: 10 }, (_, i): SplitSample => ({
        dataset: name,
        id: `${i}`,
        image: `/${name}/${i}`,
        patient: { key: `${i}` },
        split: 'train',
        labels: { findings: {} },
      }));
      const reader: ImageReader = {
        run: (job) => {
          read(job);
          job.out?.fill((d * 100 + Number(job.sample.id)) / 255);
          return Promise.resolve({ labels: {} });
        },
        close: () => Promise.resolve(),
      };
      const source = new ImageSource(samples, {
        preprocessing: stretchTo(1),
        services: { ...createImageServices({ maxBroken }), reader },
      });
      const drawer = plainDrawer([...samples.keys()], 1, name);
      return [name, { source, drawerOf: () => drawer }];
    }),
  );
  const schedule = createSchedule(
    {
      kind: 'alternating',
      turns: [
        { on: 'one', train: ['cls'] },
        { on: 'two', train: ['seg'] },
      ],
    },
    {},
  );
  const head = { plugin: { label: () => undefined }, options: {}, head: {}, targetShapes: [[1]] } as never;
  return {
    seen,
    config: {
      name: 'phase',
      schedule,
      data,
      heads: { cls: head, seg: head },
      stepOf: ({ parts }) => ({
        run: (batches: readonly Batch[], { step, learningRate }) => {
          const images = batches.flatMap(({ images: pixels }) => [...pixels].map((value) => Math.round(value * 255)));
          seen.push({ turn: parts[0]!.dataset, images, step, rate: learningRate });
          return Promise.resolve({ total: lossAt(step), 'cls@one': lossAt(step) });
        },
        dispose: () => undefined,
      }),
      steps: 6,
      batchSize: 4,
      seed: 1,
      positionOf: (step) => ({ seed: 1, step, learningRate: step === 0 ? 0.25 : 0.5 }),
      logger: silentLogger,
      onStep: () => Promise.resolve(false),
      ...more,
    },
  };
}

test('runs the schedule’s turns on the batches of their visits, from any step', async () => {
  const whole = loop();
  expect(await trainLoop(whole.config, 0)).toBe(6);
  expect(whole.seen.map(({ turn, step, rate }) => [turn, step, rate])).toEqual([
    ['one', 0, 0.25],
    ['two', 1, 0.5],
    ['one', 2, 0.5],
    ['two', 3, 0.5],
    ['one', 4, 0.5],
    ['two', 5, 0.5],
  ]);
  expect(
    whole.seen.every(
      ({ turn, images }) => images.length === 4 && images.every((value) => value >= 100 === (turn === 'two')),
    ),
  ).toBe(true);
  const epoch = whole.seen.filter(({ turn }) => turn === 'one').flatMap(({ images }) => images);
  expect(new Set(epoch.slice(0, 10)).size).toBe(10);
  const later = loop();
  expect(await trainLoop(later.config, 4)).toBe(6);
  expect(later.seen).toEqual(whole.seen.slice(4));
  const done = loop();
  expect([await trainLoop(done.config, 6), done.seen]).toEqual([6, []]);
});

test('progress counts the steps of the whole phase', async () => {
  const events: unknown[] = [];
  const { config } = loop({ logger: { ...silentLogger, progress: (event) => events.push(event) } });
  await trainLoop(config, 4);
  expect(events).toEqual([
    { name: 'phase', done: 5, total: 6, detail: expect.stringMatching(/^\d+ img\/s {2}loss 0\.2000$/) as string },
    { name: 'phase', done: 6, total: 6, detail: expect.stringMatching(/^\d+ img\/s {2}loss 0\.1667$/) as string },
  ]);
});

test('an abort ends the loop after the running step, which is saved', async () => {
  const controller = new AbortController();
  const saved: number[] = [];
  const { config, seen } = loop({
    signal: controller.signal,
    onStep: (step) => {
      saved.push(step);
      if (step === 2) controller.abort();
      return Promise.resolve(false);
    },
  });
  expect(await trainLoop(config, 0)).toBe(3);
  expect([saved, seen.length]).toEqual([[0, 1, 2], 3]);
});

test('the training ends with the step that says so', async () => {
  const { config, seen } = loop({ onStep: (step) => Promise.resolve(step === 3) });
  expect(await trainLoop(config, 0)).toBe(4);
  expect(seen).toHaveLength(4);
});

test.each([NaN, Infinity, -Infinity])('a loss of %d stops before it is saved', async (bad) => {
  const saved: number[] = [];
  const { config } = loop({ onStep: (step) => Promise.resolve(saved.push(step) < 0) }, (step) =>
    step === 3 ? bad : 1,
  );
  await expect(trainLoop(config, 0)).rejects.toThrow(
    expect.objectContaining({
      code: 'TRAIN_LOSS_NOT_FINITE',
      message: `phase "phase": loss cls@one is ${bad} at step 3; there is no checkpoint yet; lower the learning rate`,
    }),
  );
  expect(saved).toEqual([0, 1, 2]);
});

const broken = ({ sample }: ImageJob): void => {
  if (sample.dataset === 'two' && Number(sample.id) % 3 === 0)
    throw new ImagingError('IMAGE_CORRUPT', 'cut', { path: sample.image });
};

test('an image that cannot be read stops the loop with its own error, also when it was read ahead', async () => {
  const { config, seen } = loop({ prefetch: 4 }, undefined, broken);
  await expect(trainLoop(config, 0)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT', path: '/two/0' });
  expect(seen.map(({ turn }) => turn)).toEqual(['one']);
});

test('as many files as may be left out are replaced by others of their batch, the same ones in every run', async () => {
  const runs = await Promise.all(
    [1, 5].map(async (prefetch) => {
      const { config, seen } = loop({ prefetch }, undefined, broken, 4);
      expect(await trainLoop(config, 0)).toBe(6);
      return seen;
    }),
  );
  expect(runs[0]).toEqual(runs[1]);
  const two = runs[0]!.filter(({ turn }) => turn === 'two').flatMap(({ images }) => images);
  expect(two).toHaveLength(12);
  expect(two.some((value) => (value - 100) % 3 === 0)).toBe(false);
  await expect(trainLoop(loop({}, undefined, broken, 3).config, 0)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
});

test('a failure that is no file’s is not left out', async () => {
  const fails = (): void => {
    throw new TypeError('a defect');
  };
  await expect(trainLoop(loop({}, undefined, fails, 100).config, 0)).rejects.toThrow('a defect');
});

test('at most `prefetch` steps are read ahead, and none after the end', async () => {
  let read = 0;
  const ahead: number[] = [];
  const { config } = loop(
    { prefetch: 3, onStep: (step) => Promise.resolve(ahead.push(read / 4 - step - 1) < 0) },
    undefined,
    () => (read += 1),
  );
  await trainLoop(config, 0);
  expect(ahead).toEqual([3, 3, 3, 2, 1, 0]);
});

test('each image of each batch has a draw of its own for its augmentation', async () => {
  const draws: Record<string, number[]> = { one: [], two: [] };
  const augment = { rotate: 5 } as AugmentConfig;
  const { config } = loop({ augment }, undefined, (job) => {
    expect(job.augment).toMatchObject({ config: augment, seed: 1 });
    draws[job.sample.dataset]!.push(job.augment!.draw);
  });
  await trainLoop(config, 0);
  for (const own of Object.values(draws))
    expect(own.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
});
