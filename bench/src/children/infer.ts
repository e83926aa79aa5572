// node infer.ts float32|bfloat16|onnxruntime whole|lanes FOLDER RUNS SECONDS: all threads for one op, or a part of the batch for each of them
import { createInference, lanesFor, type Inference, type PreparedImage } from '@multichexnet/core';
import { createEngine, type Precision } from '@multichexnet/engine';
import { loadOnnxRuntime, openNetwork } from '@multichexnet/onnx';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BATCH, noiseBytes, SIZE } from '../workload.js';
import { loadHead } from './load-network.js';
import { createHead, createPool } from './model.js';
import { report, sample, timed } from './report.js';

const [how, threads, folder, runs, seconds] = process.argv.slice(2) as [
  Precision | 'onnxruntime',
  'whole' | 'lanes',
  string,
  string,
  string,
];
const weights = join(folder, 'network.safetensors');

const lanes = threads === 'lanes' ? lanesFor(BATCH) : 1;
const opThreads = Math.max(1, Math.floor(availableParallelism() / lanes));
const precision = how === 'onnxruntime' ? 'float32' : how;
const engine = await createEngine(lanes === 1 ? { precision } : { precision, opThreads });
let library = `${engine.info.name} ${engine.info.version}`;
const pool = createPool(engine, { normalise: 'unit', weights });
const head = createHead(pool, 'cls');
loadHead(head, weights);

const pixels = noiseBytes(BATCH * SIZE * SIZE, 1);
const images = Array.from({ length: BATCH }, (_, b): PreparedImage => ({
  sample: { id: String(b), image: '', labels: {}, split: 'test' } as never,
  pixels: pixels.subarray(b * SIZE * SIZE, (b + 1) * SIZE * SIZE),
  size: SIZE,
  width: SIZE,
  height: SIZE,
}));

const inferences = new Map<number, Inference>();
if (how === 'onnxruntime') {
  // As `predict --runtime onnxruntime` does it: the engine records the networks and goes.
  const runtime = await loadOnnxRuntime();
  library = `onnxruntime-node ${runtime.version}`;
  for (const size of [1, BATCH]) {
    const network = { engine, encoder: pool.encoder, heads: [head] };
    inferences.set(size, await openNetwork(runtime, network, { batchSize: size, threads: availableParallelism() }));
  }
  pool.dispose();
  engine.dispose();
} else {
  for (const size of [1, BATCH])
    inferences.set(size, createInference(engine, pool.encoder, [head], Math.ceil(size / lanes), { lanes }));
}

const times: Record<string, number[]> = {};
const notes: Record<string, number> = {};
for (const [size, inference] of inferences) {
  const run = async (): Promise<void> => {
    const outputs = await inference.run(images.slice(0, size));
    const logit = (b: number, c: number): number => (outputs[b]?.['cls']?.[0] as Float32Array)[c] as number;
    notes['logit0'] = logit(0, 0);
    if (size === BATCH) notes['logit7'] = logit(7, 13);
  };
  const [first] = await timed(run);
  const { wall, cpu } = await sample(run, Number(runs), Number(seconds));
  times[`first${size}`] = [first];
  times[`batch${size}`] = wall;
  times[`batch${size}Cpu`] = cpu;
  inference.dispose();
}
report({ library, times, notes });
engine.dispose();
