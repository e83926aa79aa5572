// node mtl-train.ts STEPS SECONDS
import { createTrainStep, type Batch, type HeadBatch, type HeadModule, type TrainStep } from '@multichexnet/core';
import { createEngine } from '@multichexnet/engine';
import { BATCH, LEARNING_RATE, noise, SIZE } from '../workload.js';
import { createHead, createPool, HEADS } from './model.js';
import { report, timed } from './report.js';

const [steps, seconds] = process.argv.slice(2).map(Number) as [number, number];
const engine = await createEngine();
const pool = createPool(engine);
const heads = Object.fromEntries(HEADS.map((name) => [name, createHead(pool, name)])) as Record<string, HeadModule>;
const optimizer = engine.createOptimizer({ kind: 'adam' });

const turn = (names: readonly string[]): TrainStep =>
  createTrainStep({
    engine,
    encoder: pool.encoder,
    heads,
    optimizer,
    turn: { parts: [{ dataset: 'noise', heads: names }], train: ['encoder', ...names] },
    weights: {},
    frozen: () => false,
    batchNorm: 'separate',
  });
/** Single tasks, the two turns of the alternating schedule, and the joint step. */
const turns: Record<string, TrainStep> = {
  cls: turn(['cls']),
  det: turn(['det']),
  seg: turn(['seg']),
  clsDet: turn(['cls', 'det']),
  clsSeg: turn(['cls', 'seg']),
  joint: turn(['cls', 'det', 'seg']),
};

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** No box, no mask, no finding: what is true does not change how long a step takes. */
const nothing = ({ targetShapes, head }: HeadModule): HeadBatch => {
  const known = head.knownSize ?? 1;
  return {
    targets: targetShapes.map((shape) => ({
      shape: [BATCH, ...shape],
      data: new Float32Array(BATCH * product(shape)),
    })),
    known: { shape: [BATCH, known], data: new Float32Array(BATCH * known).fill(1) },
  };
};
const batch: Batch = {
  size: BATCH,
  images: noise(BATCH * SIZE * SIZE, 1),
  imageShape: [BATCH, SIZE, SIZE, 1],
  heads: Object.fromEntries(Object.entries(heads).map(([name, head]) => [name, nothing(head)])),
};

let count = 0;
const run = async (step: TrainStep): Promise<void> => {
  const { total } = await step.run([batch], { seed: 1, step: count++, learningRate: LEARNING_RATE });
  if (!Number.isFinite(total)) throw new Error(`the loss is ${total}`);
};
// Twice: the second call of a step records it again, to check it.
for (const step of [...Object.values(turns), ...Object.values(turns)]) await run(step);
const times = Object.fromEntries(Object.keys(turns).map((name): [string, number[]] => [name, []]));
const deadline = performance.now() + seconds * 1000;
for (let i = 0; i < steps && (i === 0 || performance.now() < deadline); i++)
  for (const [name, step] of Object.entries(turns)) times[name]?.push((await timed(() => run(step)))[0]);
report({ library: `${engine.info.name} ${engine.info.version}`, times });
engine.dispose();
