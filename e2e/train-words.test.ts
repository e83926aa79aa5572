import { decodeSafetensors } from '@multichexnet/core';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { json, temporary } from './command.ts';

/** A config with every word of docs/training.md. */
const config = {
  datasets: { rsna: { kind: 'rsna', root: join(inject('phantom'), 'rsna') } },
  model: {
    encoder: { kind: 'densenet', depth: 'small', size: 32 },
    heads: { cls: { kind: 'cls', hidden: 8 }, det: { kind: 'det', anchors: 2, channels: 8 } },
  },
  train: {
    schedule: { kind: 'joint', turns: [{ dataset: 'rsna', heads: ['cls', 'det'] }] },
    optimizer: {
      ...{ kind: 'adamw', weightDecay: 0.01, learningRate: 0.003, clipNorm: 5 },
      schedule: { kind: 'plateau', patience: 1, factor: 0.5, warmup: 2 },
    },
    ...{ steps: 40, batchSize: 4, accumulate: 2, ema: 0.9, precision: 'bfloat16', seed: 1, resamples: 100 },
    guard: { skips: 3, spike: 20 },
    weighting: { kind: 'pcgrad' },
    logGradients: 8,
    select: { metric: 'cls.auroc', on: 'rsna', every: 4, patience: 3 },
  },
};

interface Trained {
  readonly phases: readonly [
    { readonly steps: number; readonly selected: { best: { steps: number; value: number }; stopped: boolean } },
  ];
  readonly precision: string;
}
interface Failed {
  readonly error: { readonly code: string; readonly message: string; readonly path?: string };
}

let folder: string;
beforeAll(async () => {
  folder = await temporary();
  await writeFile(join(folder, 'multichexnet.config.json'), JSON.stringify(config));
});

test('a config with every word trains, says what validation chose, and leaves its numbers for TensorBoard', async () => {
  const { code, document, stdout } = await json<Trained>(['train', '--out', 'run'], { cwd: folder });
  expect(code, stdout).toBe(0);
  const [{ steps, selected }] = document.phases;
  expect(document.precision).toBe('bfloat16');
  expect(steps).toBe(selected.stopped ? selected.best.steps + 12 : 40);
  const phase = join(folder, 'run/phases/train');
  const history = (await readFile(join(phase, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  expect(history).toHaveLength(steps);
  const first = JSON.parse(history[0] ?? '') as Record<string, number>;
  expect(Object.keys(first).sort()).toEqual(
    [
      ...['step', 'total', 'cls@rsna', 'det@rsna', 'gradient/norm'],
      ...['gradient/norm/cls@rsna', 'gradient/norm/det@rsna', 'gradient/cosine/cls@rsna,det@rsna'],
    ].sort(),
  );
  expect(await readdir(join(phase, 'tb'))).toHaveLength(1);
});

test('a training that diverges ends with a code, the step, the loss and the last good state', async () => {
  const set = [
    'train.optimizer={"kind":"sgd","learningRate":1e38}',
    ...['train.guard=2', 'train.weighting={"kind":"static"}'],
  ];
  const words = [...set, 'train.accumulate=1'].flatMap((word) => ['--set', word]);
  const { code, document } = await json<Failed>(['train', '--out', 'diverged', ...words], { cwd: folder });
  expect([code, document.error.code]).toEqual([1, 'TRAIN_DIVERGED']);
  expect(document.error.message).toMatch(/2 steps in a row moved nothing, the last at step \d+: .*\/checkpoint-\d+;/s);
});

test('a step of micro-batches whose norm is a spike moves nothing, statistics included', async () => {
  const set = [
    ...['train.precision=float32', 'train.weighting={"kind":"static"}', 'train.guard={"skips":1,"spike":1.01}'],
    ...['train.steps=60', 'train.checkpointEvery=1', 'train.select.every=60', 'train.ema=0'],
  ].flatMap((word) => ['--set', word]);
  const { document } = await json<Failed>(['train', '--out', 'spike', ...set], { cwd: folder });
  expect(document.error.code).toBe('TRAIN_DIVERGED');
  const phase = join(folder, 'spike/phases/train');
  const checkpoints = (await readdir(phase)).filter((name) => name.startsWith('checkpoint-')).sort();
  expect(checkpoints).toHaveLength(2);
  const [before, after] = await Promise.all(
    checkpoints.map(async (name) => decodeSafetensors(await readFile(join(phase, name, 'model.safetensors')), name)),
  );
  expect(Object.keys(after!.tensors).some((name) => name.includes('moving_mean'))).toBe(true);
  expect(after!.tensors).toEqual(before!.tensors);
});

test.each([
  [['train.select.metric=cls.auc'], 'train.select.metric', 'known: auroc, ap,'],
  [['train.select.on=siim'], 'train.select.on', 'rsna'],
  [['train.optimizer.schedule={"kind":"step"}'], 'train.optimizer.schedule.milestones', 'needs milestones'],
  [
    [
      'train.schedule={"kind":"alternating","turns":[{"dataset":"rsna","heads":["det"]}]}',
      'train.select.metric=det.mAP',
    ],
    'train.weighting.kind',
    'no turn of this schedule has several',
  ],
])('%j is refused at its place', async (words, path, message) => {
  const set = words.flatMap((word) => ['--set', word]);
  const { code, document } = await json<Failed>(['train', '--out', 'refused', ...set], { cwd: folder });
  expect([code, document.error]).toMatchObject([2, { path }]);
  expect(document.error.message).toContain(message);
});
