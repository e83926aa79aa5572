import type { Benchmark } from './benchmark.js';
import { infer } from './benchmarks/infer.js';
import { mtl } from './benchmarks/mtl.js';
import { start } from './benchmarks/start.js';
import { train } from './benchmarks/train.js';

/** Every name of `npm run bench -- NAME`. */
export const benchmarks: readonly Benchmark[] = [train, infer, mtl, start];
