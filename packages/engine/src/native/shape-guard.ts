import { EngineError } from '../errors.js';
import type { OpAttribute } from './attributes.js';
import type { CApi } from './c-api.js';
import { DType, dtypeName } from './dtype.js';
import { koffi } from './koffi.js';
import type { OpDefinition } from './op-definitions.js';
import type { HandlePointer, OpPointer, ShapeListPointer, TensorPointer } from './pointers.js';
import type { Status } from './status.js';
import { checkedSize, int64s, readTensor } from './tensor-values.js';

export interface GuardedInput {
  readonly handle: HandlePointer;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** Largest integer tensor whose values may be a shape. */
const SHAPE_VALUES = 64;
/** Calls remembered at most. */
const MEMORY = 10_000;
/** Ops that take the shape of their result as values, of which none may be open; kernels crash on what their shape function lets through. */
const GIVEN_SHAPE = /Backprop|Grad(V\d)?$/;

/**
 * TensorFlow's own shape functions, run before a kernel is: they reject with a message what some kernels answer by ending the process (wrong ranks,
 * negative sizes), and tell how much memory the results would take.
 */
export class ShapeGuard {
  readonly #api: CApi;
  readonly #status: Status;
  /** Calls that passed, by op, attributes and input shapes: most programs make the same ones again and again. */
  readonly #passed = new Set<string>();
  /** Ops without a shape function. */
  readonly #unguarded = new Set<string>();

  constructor(api: CApi, status: Status) {
    this.#api = api;
    this.#status = status;
  }

  /**
   * @param op with its inputs and all its attributes set
   * @throws {EngineError} `NATIVE_ARGUMENT`
   */
  check(
    definition: OpDefinition,
    op: OpPointer,
    inputs: readonly GuardedInput[],
    attributes: readonly OpAttribute[],
  ): void {
    const { name } = definition;
    if (this.#unguarded.has(name)) return;
    const call = inputs.some(mayBeShape) ? undefined : keyOf(name, inputs, attributes);
    if (call !== undefined && this.#passed.has(call)) return;
    const api = this.#api;
    const shapes = api.TF_NewShapeAndTypeList(inputs.length);
    const values: (TensorPointer | null)[] = [];
    const results: (ShapeListPointer | null)[] = [null];
    try {
      inputs.forEach((input, index) => {
        if (input.dtype === DType.RESOURCE || input.dtype === DType.VARIANT)
          api.TF_ShapeAndTypeListSetUnknownShape(shapes, index);
        else api.TF_ShapeAndTypeListSetShape(shapes, index, int64s(input.shape), input.shape.length);
        values.push(this.#valuesOf(name, input));
      });
      api.TFE_InferShapes(op, shapes, values, null, null, results, null, this.#status.pointer);
      const failure = this.#status.take();
      if (failure !== undefined) {
        if (!/[Nn]o shape inference function/.test(failure.message)) {
          throw new EngineError('NATIVE_ARGUMENT', `${name}: ${failure.message}`);
        }
        this.#unguarded.add(name);
        return;
      }
      shapesIn(results[0]).forEach((shape, index) => {
        if (shape?.every((dim) => dim >= 0) === true)
          checkedSize(shape, outputType(definition, index, attributes), `result of ${name}`);
      });
      if (call !== undefined) {
        if (this.#passed.size >= MEMORY) this.#passed.clear();
        this.#passed.add(call);
      }
    } finally {
      api.TF_DeleteShapeAndTypeList(shapes);
      for (const tensor of values) if (tensor !== null) api.TF_DeleteTensor(tensor);
      const [result] = results;
      if (result !== null && result !== undefined) api.TF_DeleteShapeAndTypeList(result);
    }
  }

  /** The values of an input that may be a shape. */
  #valuesOf(name: string, input: GuardedInput): TensorPointer | null {
    if (!mayBeShape(input)) return null;
    const tensor = this.#api.TFE_TensorHandleResolve(input.handle, this.#status.pointer);
    this.#status.check('read');
    if (tensor !== null && GIVEN_SHAPE.test(name)) {
      const open = Array.from(readTensor(this.#api, tensor, input.dtype) as Int32Array).find((value) => value < 0);
      if (open !== undefined) {
        this.#api.TF_DeleteTensor(tensor);
        throw new EngineError(
          'NATIVE_ARGUMENT',
          `${name}: the size ${open} in its ${dtypeName(input.dtype)} input is negative.`,
        );
      }
    }
    return tensor;
  }
}

function mayBeShape({ dtype, shape }: GuardedInput): boolean {
  return (
    (dtype === DType.INT32 || dtype === DType.INT64) &&
    shape.length <= 2 &&
    shape.reduce((size, dim) => size * dim, 1) <= SHAPE_VALUES
  );
}

function keyOf(name: string, inputs: readonly GuardedInput[], attributes: readonly OpAttribute[]): string {
  let key = name;
  for (const { dtype, shape } of inputs) key += `|${dtype}:${shape.join()}`;
  for (const { name: attribute, value } of attributes) key += `|${attribute}=${String(value)}`;
  return key;
}

/** Type of a result as its definition and the attributes say; float32 where that takes more (it is asked for its size alone). */
function outputType(definition: OpDefinition, index: number, attributes: readonly OpAttribute[]): number {
  const output = definition.outputs[index] ?? definition.outputs.at(-1);
  if (output?.type !== undefined && output.type !== 0) return output.type;
  const given = attributes.find((attribute) => attribute.name === output?.typeAttribute)?.value;
  return typeof given === 'number' ? given : DType.FLOAT;
}

/** Reads `TF_ShapeAndTypeList { int num_items; TF_ShapeAndType { int num_dims; int64_t* dims; TF_DataType dtype; } * items; }`. */
function shapesIn(list: ShapeListPointer | null | undefined): (number[] | undefined)[] {
  if (list === null || list === undefined) return [];
  const header = new DataView(koffi().view(list, 16));
  const count = header.getInt32(0, true);
  if (count === 0) return [];
  const items = new DataView(koffi().view(header.getBigUint64(8, true), 24 * count));
  return Array.from({ length: count }, (_, index) => {
    const rank = items.getInt32(24 * index, true);
    if (rank < 0) return undefined;
    if (rank === 0) return [];
    return Array.from(new BigInt64Array(koffi().view(items.getBigUint64(24 * index + 8, true), 8 * rank)), Number);
  });
}
