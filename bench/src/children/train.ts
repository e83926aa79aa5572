// node train.ts traced|traced-bf16|stock STEPS SECONDS
import { createTrainStep, type Batch, type Engine } from '@multichexnet/core';
import { BATCH, CLASSES, LEARNING_RATE, noise, SIZE } from '../workload.js';
import { createHead, createPool } from './model.js';
import { report, sample, timed } from './report.js';

const [mode = 'traced', steps = '6', seconds = '30'] = process.argv.slice(2);

async function startEngine(): Promise<Engine> {
  if (mode === 'stock') return (await import('./stock-engine.js')).createStockEngine();
  const { createEngine } = await import('@multichexnet/engine');
  return createEngine(mode === 'traced-bf16' ? { precision: 'bfloat16' } : {});
}

const [build, { engine, step }] = await timed(async () => {
  const engine = await startEngine();
  const pool = createPool(engine);
  const step = createTrainStep({
    engine,
    encoder: pool.encoder,
    heads: { cls: createHead(pool, 'cls') },
    optimizer: engine.createOptimizer({ kind: 'adam' }),
    turn: { parts: [{ dataset: 'noise', heads: ['cls'] }], train: ['encoder', 'cls'] },
    weights: {},
    frozen: () => false,
    batchNorm: 'separate',
  });
  return { engine, step };
});

const batch: Batch = {
  size: BATCH,
  images: noise(BATCH * SIZE * SIZE, 1),
  imageShape: [BATCH, SIZE, SIZE, 1],
  heads: {
    cls: {
      targets: [{ shape: [BATCH, CLASSES], data: noise(BATCH * CLASSES, 2).map((value) => (value > 0.7 ? 1 : 0)) }],
      known: { shape: [BATCH, CLASSES], data: new Float32Array(BATCH * CLASSES).fill(1) },
    },
  },
};

let loss = NaN;
let count = 0;
const run = async (): Promise<void> => {
  const losses = await step.run([batch], { seed: 1, step: count++, learningRate: LEARNING_RATE });
  loss = losses['total'] ?? NaN;
};
const [firstStep] = await timed(run);
const { wall, cpu } = await sample(run, Number(steps), Number(seconds));
if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
report({
  library: `${engine.info.name} ${engine.info.version}`,
  times: { step: wall, stepCpu: cpu, firstStep: [firstStep], build: [build] },
  notes: { loss },
});
step.dispose();
engine.dispose();
