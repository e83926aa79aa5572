// node train.ts traced|traced-bf16|stock STEPS SECONDS
import type { Engine } from '@multichexnet/core';
import { BATCH, LEARNING_RATE } from '../workload.js';
import { createClsStep, noiseBatch } from './model.js';
import { report, sample, timed } from './report.js';

const [mode = 'traced', steps = '6', seconds = '30'] = process.argv.slice(2);

async function startEngine(): Promise<Engine> {
  if (mode === 'stock') return (await import('./stock-engine.js')).createStockEngine();
  const { createEngine } = await import('@multichexnet/engine');
  return createEngine(mode === 'traced-bf16' ? { precision: 'bfloat16' } : {});
}

const [build, { engine, step }] = await timed(async () => {
  const engine = await startEngine();
  return { engine, step: createClsStep(engine) };
});

const batch = noiseBatch(BATCH, 1);
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
