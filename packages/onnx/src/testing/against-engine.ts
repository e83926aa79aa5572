import type { CompiledStep, Engine, RecordedInput } from '@multichexnet/core';
import { createEngine } from '@multichexnet/engine';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  anyBatch,
  convertFunction,
  encodeModel,
  fixedBatch,
  loadOnnxRuntime,
  type OnnxModel,
  type OnnxRuntime,
  type RuntimeSession,
} from '../index.js';

export type Fn = (...inputs: never[]) => tf.Tensor | tf.Tensor[];

let engine: Engine;
let runtime: OnnxRuntime;

export function useBoth(): { engine: () => Engine; runtime: () => OnnxRuntime } {
  beforeAll(async () => {
    [engine, runtime] = [await createEngine(), await loadOnnxRuntime()];
  });
  afterAll(() => engine.dispose());
  return { engine: () => engine, runtime: () => runtime };
}

/** Reproducible numbers in -1..1. */
export function noise(size: number, seed = 1): Float32Array {
  let state = seed * 2654435761;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) | 0;
    return ((state >>> 0) / 2 ** 32) * 2 - 1;
  });
}

export interface Compared {
  readonly model: OnnxModel;
  /** Largest difference of any value. */
  readonly difference: number;
  /** Largest value. */
  readonly largest: number;
}

/**
 * Runs a function in the engine and, as an ONNX model, in ONNX Runtime, on the same inputs.
 *
 * @param batch also recorded with this batch size, so that the model takes any, and run with both
 */
export async function compare(fn: Fn, inputs: readonly tf.Tensor[], batch?: number): Promise<Compared> {
  const step = (tensors: tf.Tensor[]): tf.Tensor[] => {
    const result = (fn as (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[])(...tensors);
    return Array.isArray(result) ? result : [result];
  };
  const signature = inputs.map(({ dtype, shape }) => ({ dtype, shape }) as RecordedInput);
  const one = engine.record('test', step, signature);
  const own = signature[0]?.shape[0] ?? 1;
  const other = (size: number): RecordedInput[] =>
    signature.map(({ dtype, shape }) => ({ dtype, shape: [size, ...shape.slice(1)] }));
  const recording =
    batch === undefined ? fixedBatch(one) : anyBatch(one, engine.record('test', step, other(batch)), [own, batch]);
  const names = {
    graph: 'test',
    inputs: inputs.map((_, i) => `in${i}`),
    outputs: one.outputs.map((_, i) => `out${i}`),
  };
  const model = convertFunction(recording, names);
  const session = await runtime.open(encodeModel(model, { name: 'test', version: '0' }));
  const compiled = engine.compile('test', step);
  try {
    let result = await differenceOf(session, compiled, inputs);
    if (batch !== undefined) {
      const others = other(batch).map(({ shape }) => tf.tensor(noise(shape.reduce((a, b) => a * b, 1)), [...shape]));
      const more = await differenceOf(session, compiled, others);
      result = {
        difference: Math.max(result.difference, more.difference),
        largest: Math.max(result.largest, more.largest),
      };
      tf.dispose(others);
    }
    return { model, ...result };
  } finally {
    compiled.dispose();
    await session.dispose();
  }
}

async function differenceOf(
  session: RuntimeSession,
  compiled: CompiledStep,
  inputs: readonly tf.Tensor[],
): Promise<Omit<Compared, 'model'>> {
  const expected = await compiled.run(inputs);
  const feeds = inputs.map(
    (input, i) =>
      [`in${i}`, { dtype: input.dtype as 'float32', dims: input.shape, data: input.dataSync<'float32'>() }] as const,
  );
  const got = await session.run(Object.fromEntries(feeds));
  let [difference, largest] = [0, 0];
  expected.forEach((tensor, i) => {
    const { dims, data, dtype } = got[`out${i}`]!;
    expect(dims).toEqual(tensor.shape);
    expect(dtype).toBe(tensor.dtype);
    const wanted = tensor.dataSync<'float32'>();
    for (let k = 0; k < wanted.length; k++) {
      difference = Math.max(difference, apart(Number(data[k]), Number(wanted[k])));
      largest = Math.max(largest, Math.abs(Number(wanted[k])));
    }
  });
  tf.dispose(expected);
  return { difference, largest };
}

function apart(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Infinity : difference;
}
