/** Element types, numbered as `TensorProto.DataType`. */
export const ElementType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;
export type ElementTypeName = keyof typeof ElementType;

export type AttributeValue =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] };

export interface OnnxNode {
  readonly type: string;
  /** '' = an optional input that is left out. */
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly dtype: ElementTypeName;
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array | BigInt64Array;
}

export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: ElementTypeName;
  /** A word is a dimension of any size. */
  readonly dims: readonly (number | string)[];
}

/** What this package writes of ONNX's `ModelProto`. */
export interface OnnxModel {
  readonly opset: number;
  readonly graphName: string;
  readonly documentation: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly initializers: readonly OnnxTensor[];
  readonly nodes: readonly OnnxNode[];
}
