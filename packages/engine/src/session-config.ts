import type { Precision } from '@multichexnet/core';
import { EngineError } from './errors.js';
import type { Device } from './library/find-library.js';

export type { Precision };

/** Options of the native runtime; all engines of a process share the runtime and must agree on them. */
export interface SessionOptions {
  /** Threads for one op and for ops that run side by side; by default one per CPU. */
  readonly threads?: number;
  /** Threads for one op, where they differ from `threads`: 1 for a step whose parts run side by side, which then never wait for each other within an op. */
  readonly opThreads?: number;
  /** Precision of matrix products and convolutions in traced steps (parameters and sums stay float32). Default `float32`. */
  readonly precision?: Precision;
  /** Where to compute. `gpu` wants the CUDA build and a GPU; `cpu` (default) hides GPUs from a CUDA build. */
  readonly device?: Device;
}

/**
 * An encoded `tensorflow.ConfigProto` (`tensorflow/core/protobuf/config.proto`): device_count = 1 { 'GPU': 0 } or gpu_options = 6
 * { allow_growth = 4 }, intra_op_parallelism_threads = 2, inter_op_parallelism_threads = 5,
 * graph_options = 10 { rewrite_options = 10 { ..., auto_mixed_precision_onednn_bfloat16 = 31 } }.
 *
 * @throws {EngineError} `ENGINE_OPTIONS`
 */
export function encodeConfig(options: SessionOptions): Uint8Array {
  const { threads, opThreads = threads, precision = 'float32', device = 'cpu' } = options;
  const bytes: number[] = [];
  // Memory is taken as it is needed, so that several processes can share a GPU.
  if (device === 'gpu') bytes.push(0x32, 0x02, 0x20, 0x01);
  else if (device === 'cpu') bytes.push(0x0a, 0x07, 0x0a, 0x03, 0x47, 0x50, 0x55, 0x10, 0x00);
  else throw new EngineError('ENGINE_OPTIONS', `device must be cpu or gpu, got ${String(device)}.`);
  for (const [name, tag, count] of [
    ['opThreads', 0x10, opThreads],
    ['threads', 0x28, threads],
  ] as const) {
    if (count === undefined) continue;
    if (!Number.isInteger(count) || count < 1 || count > 1024)
      throw new EngineError('ENGINE_OPTIONS', `${name} must be an integer from 1 to 1024, got ${count}.`);
    bytes.push(tag, ...varint(count));
  }
  if (precision !== 'float32' || device === 'cpu') bytes.push(...encodePrecision(precision, device));
  return Uint8Array.from(bytes);
}

/**
 * Graph rewriters (`tensorflow/core/protobuf/rewriter_config.proto`) that cost half a second of a float32 step's first call and made no step faster
 * (docs/adr/0005), with what switches each off. Left: pruning, arithmetic, dependencies, common subexpressions, and the remapper, which merges ops.
 */
const IDLE_REWRITERS: readonly (readonly [field: number, off: number])[] = [
  [1, 2], // layout
  [3, 2], // constant folding
  [4, 1], // memory
  [9, 2], // loops
  [10, 2], // function inlining
  [12, 1], // one round instead of two
  [13, 2], // shapes
  [15, 2], // scoped allocator
  [18, 2], // pinning to the host
  [22, 2], // implementation selector
  [30, 2], // conditional code motion
];

/**
 * The part of a config that says the precision, and which rewriters run: of a whole session, or of one function in spite of its session (0 is the default,
 * 1 is ON, 2 is OFF). bfloat16 needs two rounds of all of them, which remove casts; a GPU wants its layout.
 *
 * @throws {EngineError} `ENGINE_OPTIONS`
 */
export function encodePrecision(precision: Precision, device: Device): Uint8Array {
  if (precision === 'bfloat16' && device === 'gpu')
    throw new EngineError(
      'ENGINE_OPTIONS',
      "precision bfloat16 is for the CPU: the rewriter that it uses is oneDNN's. On a GPU leave it at float32, which runs as TF32 from Ampere on.",
    );
  const toggle = { bfloat16: 1, float32: 2 }[precision] as number | undefined;
  if (toggle === undefined)
    throw new EngineError('ENGINE_OPTIONS', `precision must be float32 or bfloat16, got ${String(precision)}.`);
  const lean = precision === 'float32' && device === 'cpu';
  const fields = [...IDLE_REWRITERS.map(([field, off]) => [field, lean ? off : 0] as const), [31, toggle] as const];
  const options = fields.flatMap(([field, value]) => [...varint(field * 8), value]);
  return Uint8Array.of(0x52, options.length + 2, 0x52, options.length, ...options);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
