import type { RecordedData, RecordedDtype, RecordedFunction, RecordedOp } from '@multichexnet/core';
import { OnnxError } from '../errors.js';

/** Size of a dimension: from 0 as it is, below 0 so many times the batch (-1 = the batch). */
export type Dim = number;

export interface SymbolicValue {
  readonly dtype: RecordedDtype;
  readonly shape: readonly Dim[];
  readonly data?: RecordedData;
  /** Its values depend on the batch's size, so that `data` is right for one size alone. */
  readonly varies: boolean;
  readonly variable?: string;
}

/** A recording in which the batch may be of any size. */
export interface SymbolicFunction {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly values: ReadonlyMap<number, SymbolicValue>;
  readonly ops: readonly RecordedOp[];
}

/** The batch is as it was recorded. */
export function fixedBatch(recording: RecordedFunction): SymbolicFunction {
  return {
    ...recording,
    values: new Map([...recording.values].map(([id, value]) => [id, { ...value, varies: false }])),
  };
}

/**
 * Which dimensions follow the batch, found by comparing two recordings of one function, made with batches of two sizes.
 *
 * @throws {OnnxError} ONNX_BATCH where the two do different things, or a dimension is no multiple of the batch
 */
export function anyBatch(
  one: RecordedFunction,
  two: RecordedFunction,
  sizes: readonly [number, number],
): SymbolicFunction {
  const refuse = (what: string): never => {
    throw new OnnxError(
      'ONNX_BATCH',
      `recorded with a batch of ${sizes[0]} and of ${sizes[1]}, the network ${what}; export it for one batch size`,
    );
  };
  if (one.ops.length !== two.ops.length) refuse('runs different ops');
  const values = new Map<number, SymbolicValue>();
  const pair = (a: number, b: number): void => {
    const [first, second] = [one.values.get(a), two.values.get(b)];
    if (values.has(a) || first === undefined || second === undefined) return;
    if (first.shape.length !== second.shape.length) refuse('gives results of different ranks');
    const shape = first.shape.map((dim, axis) => {
      const other = second.shape[axis] as number;
      if (dim === other) return dim;
      return dim % sizes[0] === 0 && (dim / sizes[0]) * sizes[1] === other
        ? -(dim / sizes[0])
        : refuse(`has a dimension of ${dim} and of ${other}`);
    });
    const varies = first.data !== undefined && !equal(first.data, second.data);
    values.set(a, { ...first, shape, varies });
  };
  one.inputs.forEach((id, i) => pair(id, two.inputs[i] as number));
  one.ops.forEach((op, i) => {
    const other = two.ops[i] as RecordedOp;
    if (
      op.type !== other.type ||
      op.inputs.length !== other.inputs.length ||
      JSON.stringify(op.attributes) !== JSON.stringify(other.attributes)
    )
      refuse(`runs ${op.type} and ${other.type} in one place, or with other attributes`);
    op.inputs.forEach((id, k) => pair(id, other.inputs[k] as number));
    op.outputs.forEach((id, k) => pair(id, other.outputs[k] as number));
  });
  return { inputs: one.inputs, outputs: one.outputs, ops: one.ops, values };
}

function equal(a: RecordedData, b: RecordedData | undefined): boolean {
  return a.length === b?.length && (a as Uint8Array).every((value, i) => Object.is(value, b[i]));
}
