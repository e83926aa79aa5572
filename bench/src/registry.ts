import type { Benchmark } from './benchmark.js';
import { coverage } from './benchmarks/coverage.js';
import { decode } from './benchmarks/decode.js';
import { infer } from './benchmarks/infer.js';
import { metrics } from './benchmarks/metrics.js';
import { mtl } from './benchmarks/mtl.js';
import { pipeline } from './benchmarks/pipeline.js';
import { scale } from './benchmarks/scale.js';
import { start } from './benchmarks/start.js';
import { steady } from './benchmarks/steady.js';
import { table } from './benchmarks/table.js';
import { train } from './benchmarks/train.js';

/** Every name of `npm run bench -- NAME`. */
export const benchmarks: readonly Benchmark[] = [
  train,
  infer,
  mtl,
  start,
  steady,
  metrics,
  coverage,
  decode,
  pipeline,
  scale,
  table,
];
