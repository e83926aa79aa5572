import type { RecordedData, RecordedDtype, RecordedOp } from '@multichexnet/core';
import { OnnxError } from '../errors.js';
import type { AttributeValue, ElementTypeName, OnnxNode, OnnxTensor } from '../model/onnx-model.js';
import { permute } from './permute.js';
import type { Dim, SymbolicFunction, SymbolicValue } from './symbolic.js';

/** [b, h, w, c] -> [b, c, h, w] and back. */
export const TO_FIRST = [0, 3, 1, 2];
export const TO_LAST = [0, 2, 3, 1];

/** A value of the recording in the ONNX graph: in TensorFlow's order of axes, or with the channels first, or both. */
interface Placed {
  last?: string;
  first?: string;
}

/** A convolution whose weights may still take up what follows it. */
export interface Convolution {
  /** Name of the weights. */
  readonly name: string;
  /** [out, in, h, w], or [in, out, h, w] where `outAxis` is 1. */
  weights: Float32Array;
  readonly dims: readonly number[];
  readonly outAxis: 0 | 1;
  /** [out] */
  bias: Float32Array;
}

/** An image, channels first, before an edge of one value was put around it. */
export interface Edged {
  readonly image: string;
  readonly value: number;
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
}

/**
 * The ONNX graph of a recording under construction. Values of rank 4 stay with channels first, as ONNX's convolutions have them, for as long as nobody asks
 * for TensorFlow's order: transpositions stand at the borders alone.
 */
export class Graph {
  #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #placed = new Map<number, Placed>();
  readonly #shared = new Map<string, string>();
  readonly #names = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #function: SymbolicFunction;
  readonly #uses: ReadonlyMap<number, number>;
  /** Value -> the one that it is another name of. */
  readonly #sources = new Map<number, number>();
  readonly #folded = new Map<number, RecordedData>();
  readonly #batchOf: string;
  readonly #makers = new Map<string, OnnxNode>();
  /** By name of the result. */
  readonly convolutions = new Map<string, Convolution>();
  /** Images with an edge, by name: what a convolution or pooling may do by itself. */
  readonly edged = new Map<string, Edged>();

  /** @param uses how many ops and outputs take a value @param batchOf name of the input whose first dimension is the batch */
  constructor(recording: SymbolicFunction, uses: ReadonlyMap<number, number>, batchOf: string) {
    this.#function = recording;
    this.#uses = uses;
    this.#batchOf = batchOf;
  }

  /** The nodes and constants that the outputs need. */
  finish(outputs: readonly string[]): {
    readonly nodes: readonly OnnxNode[];
    readonly initializers: readonly OnnxTensor[];
  } {
    const wanted = new Set(outputs);
    const nodes = [...this.#nodes].reverse().filter((node) => {
      if (!node.outputs.some((name) => wanted.has(name))) return false;
      for (const name of node.inputs) wanted.add(name);
      return true;
    });
    return {
      nodes: nodes.reverse(),
      initializers: [...this.#initializers.values()].filter(({ name }) => wanted.has(name)),
    };
  }

  value(id: number): SymbolicValue {
    const value = this.#function.values.get(this.root(id));
    if (value === undefined)
      throw new OnnxError(
        'ONNX_UNSUPPORTED_OP',
        'a tensor of text, complex numbers or a resource is part of the network, for which there is no place in an ONNX file',
      );
    const data = this.#folded.get(this.root(id));
    return data === undefined ? value : { ...value, data };
  }

  shape(id: number): readonly Dim[] {
    return this.value(id).shape;
  }

  dtype(id: number): RecordedDtype {
    return this.value(id).dtype;
  }

  rank(id: number): number {
    return this.shape(id).length;
  }

  /** Values known now; `undefined` for what is computed. @throws {OnnxError} ONNX_BATCH where they are another for another batch */
  data(id: number): RecordedData | undefined {
    const { data, varies } = this.value(id);
    if (varies)
      throw new OnnxError(
        'ONNX_BATCH',
        'the network makes a constant whose values depend on the batch size; export it for one batch size',
      );
    return data;
  }

  /** Whole numbers that an op takes as an argument, such as axes. */
  integers(op: RecordedOp, index: number): number[] {
    const data = this.data(op.inputs[index] as number);
    if (data === undefined)
      throw unsupported(op, `its input ${index} is computed; an argument of this kind must be constant`);
    return Array.from(data as ArrayLike<number>, Number);
  }

  /** All the values of a constant float tensor of a fixed shape, `undefined` for any other. */
  floats(id: number): Float32Array | undefined {
    const { dtype, shape } = this.value(id);
    const data = this.data(id);
    if (data === undefined || dtype !== 'float32' || shape.some((dim) => dim < 0)) return undefined;
    const size = shape.reduce((a, b) => a * b, 1);
    return data.length === size ? (data as Float32Array) : new Float32Array(size).fill(data[0] as number);
  }

  /** Makes a result a constant. @param data one value stands for a tensor that is equal everywhere */
  fold(id: number, data: RecordedData): void {
    this.#folded.set(id, data);
  }

  /** `alias` is `id` under another name. */
  alias(alias: number, id: number): void {
    this.#sources.set(alias, id);
  }

  root(id: number): number {
    const source = this.#sources.get(id);
    return source === undefined ? id : this.root(source);
  }

  /** Whether nothing but the op at hand takes the value, under any of its names. */
  usedOnce(id: number): boolean {
    const source = this.#sources.get(id);
    return this.#uses.get(id) === 1 && (source === undefined || this.usedOnce(source));
  }

  /** Whether a value lies with channels first and would have to be transposed for TensorFlow's order. */
  prefersFirst(id: number): boolean {
    const placed = this.#placed.get(this.root(id));
    return placed?.first !== undefined && placed.last === undefined;
  }

  /** Name of the value in TensorFlow's order. */
  last(id: number): string {
    const placed = this.#place(id);
    placed.last ??= placed.first === undefined ? this.#constant(id, false) : this.#turn(id, placed.first, TO_LAST);
    return placed.last;
  }

  /** Name of a value of rank 4 with the channels first. */
  first(id: number): string {
    const placed = this.#place(id);
    if (placed.first !== undefined) return placed.first;
    const constant = placed.last === undefined || this.value(id).data !== undefined;
    placed.first = constant ? this.#constant(id, true) : this.#turn(id, placed.last as string, TO_FIRST);
    return placed.first;
  }

  setLast(id: number, name: string): void {
    this.#place(id).last = name;
  }

  setFirst(id: number, name: string): void {
    this.#place(id).first = name;
  }

  node(type: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    return this.nodeOf(type, inputs, attributes, 1)[0] as string;
  }

  nodeOf(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
    outputs: number,
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.fresh(type));
    const node = { type, inputs: [...inputs], outputs: names, attributes };
    this.#nodes.push(node);
    for (const name of names) this.#makers.set(name, node);
    return names;
  }

  /** The node that gives a value; none for constants and inputs. */
  maker(name: string): OnnxNode | undefined {
    return this.#makers.get(name);
  }

  /** A constant; those of the same small values are one. */
  constant(dtype: ElementTypeName, dims: readonly number[], data: OnnxTensor['data'], wanted = 'constant'): string {
    const key =
      data.length > 64
        ? undefined
        : `${dtype} ${dims.join()} ${Array.from(data as Float32Array, (value) => (Object.is(value, -0) ? '-0' : String(value))).join()}`;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.fresh(wanted);
    this.#initializers.set(name, { name, dtype, dims: [...dims], data });
    if (key !== undefined) this.#shared.set(key, name);
    return name;
  }

  /** Constant int64 vector. */
  ints(values: readonly number[]): string {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  float(value: number): string {
    return this.constant('float32', [], Float32Array.of(value));
  }

  /** Values that change until the graph is done, for weights. */
  replace(name: string, data: Float32Array, dims: readonly number[]): void {
    this.#initializers.set(name, { name, dtype: 'float32', dims, data });
  }

  /** A shape as a tensor of int64, computed where it follows the batch. */
  shapeTensor(shape: readonly Dim[]): string {
    if (shape.every((dim) => dim >= 0)) return this.ints(shape);
    const batch = this.#once('batch', () =>
      this.node('Slice', [this.node('Shape', [this.#batchOf]), this.ints([0]), this.ints([1])]),
    );
    const parts = shape.map((dim) =>
      dim >= 0 ? this.ints([dim]) : dim === -1 ? batch : this.node('Mul', [batch, this.ints([-dim])]),
    );
    return parts.length === 1 ? (parts[0] as string) : this.node('Concat', parts, { axis: { int: 0 } });
  }

  reshape(name: string, from: readonly Dim[], to: readonly Dim[]): string {
    const free = to.filter((dim, axis) => dim < 0 && dim !== from[axis]).length;
    const dims = to.map((dim, axis) => (dim >= 0 ? dim : dim === from[axis] ? 0 : -1));
    // 0 copies a dimension, which a dimension of no elements would be mistaken for.
    const shape = free > 1 || to.includes(0) ? this.shapeTensor(to) : this.ints(dims);
    return this.node('Reshape', [name, shape], to.includes(0) ? { allowzero: { int: 1 } } : {});
  }

  /** A name that nothing has yet: the word itself where it is a path, else with a number. */
  fresh(word: string): string {
    let name: string;
    do {
      const count = this.#counts.get(word) ?? 0;
      this.#counts.set(word, count + 1);
      name = count === 0 && word.includes('/') ? word : `${word}_${count}`;
    } while (this.#names.has(name));
    this.#names.add(name);
    return name;
  }

  #once(key: string, make: () => string): string {
    let name = this.#shared.get(key);
    if (name === undefined) this.#shared.set(key, (name = make()));
    return name;
  }

  #place(id: number): Placed {
    const root = this.root(id);
    let placed = this.#placed.get(root);
    if (placed === undefined) this.#placed.set(root, (placed = {}));
    return placed;
  }

  #turn(id: number, name: string, perm: readonly number[]): string {
    const shape = this.shape(id);
    const [, h, w, c] = shape as [Dim, Dim, Dim, Dim];
    // One channel, or one pixel: the values lie the same either way.
    if (c !== 1 && !(h === 1 && w === 1)) return this.node('Transpose', [name], { perm: { ints: perm } });
    const first = TO_FIRST.map((axis) => shape[axis] as Dim);
    return perm === TO_FIRST ? this.reshape(name, shape, first) : this.reshape(name, first, shape);
  }

  #constant(id: number, first: boolean): string {
    const { dtype, shape, variable } = this.value(id);
    const data = this.data(id);
    if (data === undefined) throw new Error(`value ${id} is used before it is computed`);
    if (data.length === 1 && shape.some((dim) => dim !== 1)) {
      const one = this.constant(dtype, [], data);
      return this.node('Expand', [one, this.shapeTensor(first ? TO_FIRST.map((axis) => shape[axis] as Dim) : shape)]);
    }
    const name = variable?.replace(/^.*:/, '');
    if (!first) return this.constant(dtype, shape, data, name);
    return this.constant(
      dtype,
      TO_FIRST.map((axis) => shape[axis] as number),
      permute(data, shape, TO_FIRST),
      name,
    );
  }
}

export function unsupported(op: RecordedOp, why: string): OnnxError {
  return new OnnxError('ONNX_UNSUPPORTED_OP', `${op.type}: ${why}`);
}
