import type { RecordedData, RecordedDtype, RecordedOp, RecordedValue } from '@multichexnet/core';
import { bytesOf, DType, typedArrayOf } from '../native/dtype.js';
import type { OpAttribute } from '../native/attributes.js';
import type { TensorEntry } from '../native/handle-table.js';
import type { HostValues } from '../native/tensor-values.js';

const NAMES: Readonly<Record<number, RecordedDtype>> = {
  [DType.FLOAT]: 'float32',
  [DType.INT32]: 'int32',
  [DType.BOOL]: 'bool',
  [DType.INT64]: 'int64',
  [DType.UINT8]: 'uint8',
};

/** What a trace records, as a list beside its graph. */
export class OpLog {
  readonly ops: RecordedOp[] = [];
  readonly values = new Map<number, RecordedValue>();

  addOp(
    type: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: readonly TensorEntry[],
  ): void {
    for (const { id, dtype, shape } of outputs) this.addValue(id, dtype, shape);
    const given = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
    this.ops.push({ type, attributes: given, inputs: [...inputs], outputs: outputs.map(({ id }) => id) });
  }

  /** A dtype that the list has no name for is left out: an op that takes the value is then one that nobody can run elsewhere. */
  addValue(id: number, dtype: number, shape: readonly number[], values?: HostValues, variable?: string): void {
    const name = NAMES[dtype];
    if (name === undefined) return;
    this.values.set(id, {
      dtype: name,
      shape: [...shape],
      ...(values === undefined ? {} : { data: copyOf(dtype, values) }),
      ...(variable === undefined ? {} : { variable }),
    });
  }
}

function copyOf(dtype: number, values: HostValues): RecordedData {
  const list = values as ArrayLike<number | bigint>;
  const copy = typedArrayOf(dtype, new ArrayBuffer(list.length * bytesOf(dtype)));
  if (values.constructor === copy.constructor) return (values as Float32Array).slice();
  for (let i = 0; i < list.length; i++) {
    if (copy instanceof BigInt64Array) copy[i] = BigInt(list[i] as number | bigint);
    else copy[i] = Number(list[i]);
  }
  return copy as RecordedData;
}
