/** Data types of tensors that a recording may hold, by tfjs's names and two of TensorFlow's own. */
export type RecordedDtype = 'float32' | 'int32' | 'bool' | 'int64' | 'uint8';

/** Row-major values: int32 as `Int32Array`, bool as 0 and 1. */
export type RecordedData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** A tensor of a recording. */
export interface RecordedValue {
  readonly dtype: RecordedDtype;
  readonly shape: readonly number[];
  /** The values of a constant, of a variable or of a tensor from outside, at the time of the recording; absent for what is computed. */
  readonly data?: RecordedData;
  /** Name of the variable, where it is one's value. */
  readonly variable?: string;
}

/**
 * One TensorFlow op (https://www.tensorflow.org/api_docs/cc), NHWC by default as TensorFlow has it. `ReadVariableOp` takes a variable's value, which stands in
 * for its handle, and gives it.
 */
export interface RecordedOp {
  /** Such as `Conv2D`. */
  readonly type: string;
  /** As they were given; those left out have TensorFlow's defaults. Data types are TensorFlow's numbers (`types.proto`). */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Keys of {@link RecordedFunction.values}, list arguments flattened. */
  readonly inputs: readonly number[];
  /** Keys of {@link RecordedFunction.values}. An output that nothing takes may be missing there. */
  readonly outputs: readonly number[];
}

/** A function as the ops that it consists of, in the order in which they run: what other runtimes need to run it. */
export interface RecordedFunction {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly values: ReadonlyMap<number, RecordedValue>;
  readonly ops: readonly RecordedOp[];
}

/** An input of a function that is recorded. */
export interface RecordedInput {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
}
