import type { Variable } from '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import type { TensorRecord } from '../backend/node-kernels.js';
import { EngineError, type EngineErrorCode } from '../errors.js';
import { attr, type OpAttribute } from '../native/attributes.js';
import { DType, elementBytes } from '../native/dtype.js';
import { GraphBuilder, type InferredShape } from '../native/graph-builder.js';
import type { TensorEntry } from '../native/handle-table.js';
import type { NativeRuntime } from '../native/native-runtime.js';
import type { NodeOutput, NodePointer } from '../native/pointers.js';
import { checkedSize, createTensor, type HostValues } from '../native/tensor-values.js';
import type { ResourceVariable } from '../variables/resource-variable.js';
import { drawnAtRandom } from './drawn-at-random.js';
import { EffectOrder } from './effect-order.js';
import type { OpLog } from './op-log.js';

/** What a traced function takes beside its inputs, and where it comes from at run time. */
export type Capture =
  | { readonly kind: 'tensor'; readonly id: number }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'resource'; readonly resource: ResourceVariable };

/** Largest tensor that code may create from JavaScript values inside a trace, unless all its elements are equal. */
const MAX_CONSTANT = 4096;
/** Resource ops that leave the resource as it is. */
const PURE_READS = new Set([
  'ReadVariableOp',
  'ResourceGather',
  'ResourceGatherNd',
  'VariableShape',
  'VarIsInitializedOp',
]);
/** Key of the effects that belong to no resource, e.g. printing: they keep their order among themselves. */
const NO_RESOURCE = -1;
/** Opaque outputs, which only the op's own gradient takes; their rank depends on the device. */
const OPAQUE_OUTPUTS: Readonly<Record<string, number>> = { FusedBatchNormV3: 5 };

/** Ids are never used twice, so that a tensor of another recording is found out. tfjs-node takes -1 for "not yet handed over". */
let nextId = -2;

/** One recording of a step: every op becomes a graph node, nothing is computed. Its tensors have negative ids. */
export class Trace {
  readonly graph: GraphBuilder;
  readonly #runtime: NativeRuntime;
  readonly #name: string;
  readonly #nodes = new Map<number, NodeOutput>();
  readonly #captures: Capture[] = [];
  readonly #captureIds = new Map<unknown, number>();
  readonly #inputs: NodeOutput[] = [];
  readonly #effects = new EffectOrder();
  readonly #reads = new Map<ResourceVariable, number>();
  readonly #hostTensors = new WeakSet();
  readonly #constants = new WeakMap<object, number>();
  /** Symbolic ids of resource handles -> the resources. */
  readonly #resources = new Map<number, ResourceVariable>();
  readonly #log: OpLog | undefined;
  readonly #inputIds: number[] = [];
  readonly #hash = createHash('sha1');
  readonly #firstId = nextId;
  #signature = '';
  #collectives = 0;
  #failure: EngineError | undefined;

  /** @param log also takes down what is recorded */
  constructor(runtime: NativeRuntime, name: string, log?: OpLog) {
    this.#runtime = runtime;
    this.#name = name;
    this.#log = log;
    this.graph = new GraphBuilder(runtime);
  }

  get captures(): readonly Capture[] {
    return this.#captures;
  }

  /** Symbolic ids of the inputs that were added. */
  get inputIds(): readonly number[] {
    return this.#inputIds;
  }

  /** Symbolic id -> what it captures. */
  *capturedIds(): Iterable<[number, Capture]> {
    const ids = [...this.#captureIds.values()];
    for (const [index, capture] of this.#captures.entries()) yield [ids[index] as number, capture];
  }

  /** The id that stands for a tensor here: its own, or that of its capture where it comes from outside. */
  symbolic(id: number): number {
    this.#resolve(id);
    return id < 0 ? id : (this.#captureIds.get(id) as number);
  }

  /** Whether running it changes nothing: no variable, no generator, no other process. */
  get pure(): boolean {
    return this.#effects.effects.length === 0;
  }

  /** The first error found; kept because the traced code may catch what was thrown. */
  get failure(): EngineError | undefined {
    return this.#failure;
  }

  fail(code: EngineErrorCode, what: string): EngineError {
    const error = new EngineError(code, `In the traced step ${this.#name}, ${what}. ${ADVICE[code] ?? ''}`.trimEnd());
    this.#failure ??= error;
    return error;
  }

  /** Everything that the recorded function depends on besides its inputs; equal for equal recordings. */
  digest(outputs: readonly number[]): string {
    this.#note('outputs', this.#relative(outputs));
    return this.#hash.copy().digest('hex');
  }

  /** A new input of the function. */
  addInput(dtype: number, shape: readonly number[]): TensorEntry {
    const id = this.#add(this.graph.placeholder(dtype, shape));
    this.#inputs.push(this.#node(id));
    this.#inputIds.push(id);
    this.#log?.addValue(id, dtype, shape);
    this.#signature += ` ${dtype}[${shape.join()}]`;
    return { id, shape: [...shape], dtype };
  }

  /** Name of the next op that other processes take part in: equal for the same step on every rank, and in every recording of it. */
  collectiveName(): string {
    return `${this.#name}${this.#signature} ${this.#collectives++}`;
  }

  addHostTensor(dataId: object, dtype: string, size: number): void {
    if (drawnAtRandom(dtype, size))
      throw this.fail('TRACE_RANDOM', 'numbers are drawn in JavaScript with a fixed seed');
    this.#hostTensors.add(dataId);
  }

  isHostTensor(dataId: object): boolean {
    return this.#hostTensors.has(dataId);
  }

  /** A tensor that the code made from JavaScript values: a constant of the function. */
  constant(dataId: object, record: TensorRecord, values: unknown): number {
    let id = this.#constants.get(dataId);
    if (id === undefined)
      this.#constants.set(
        dataId,
        (id = this.constantOf(record.shape, record.dtype, values as HostValues, MAX_CONSTANT)),
      );
    return id;
  }

  constantOf(shape: readonly number[], dtype: number, values: HostValues, limit = Infinity): number {
    const uniform =
      dtype !== DType.STRING &&
      values.length > 1 &&
      (values as ArrayLike<unknown> & { every: Uint8Array['every'] }).every((value) => value === values[0]);
    if (uniform && values.length > 16) {
      const dims = this.constantOf([shape.length], DType.INT32, shape);
      const value = this.constantOf([], dtype, values.slice(0, values.length / shape.reduce((a, b) => a * b, 1)));
      return this.addOp('Fill', [attr.type('T', dtype), attr.type('index_type', DType.INT32)], [dims, value], 1)[0]
        ?.id as number;
    }
    if (values.length > limit) {
      throw this.fail(
        'TRACE_HOST_TENSOR',
        `a tensor of shape [${shape.join(', ')}] is made from ${values.length} JavaScript values (at most ${limit} are taken for constants)`,
      );
    }
    const tensor = createTensor(this.#runtime.api, shape, dtype, values);
    try {
      const id = this.#add(this.graph.constant(tensor, dtype));
      this.#log?.addValue(id, dtype, shape, values);
      this.#note('const', dtype, shape);
      this.#noteValues(dtype, values);
      return id;
    } finally {
      this.#runtime.api.TF_DeleteTensor(tensor);
    }
  }

  captureVariable(variable: Variable): number {
    return this.#capture(variable, { kind: 'variable', variable }, () => {
      const dtype = {
        float32: DType.FLOAT,
        int32: DType.INT32,
        bool: DType.BOOL,
        string: DType.STRING,
        complex64: DType.COMPLEX64,
      }[variable.dtype];
      return this.graph.placeholder(dtype, variable.shape);
    });
  }

  /** Symbolic id of the resource's value at this point of the program. */
  readResource(resource: ResourceVariable): number {
    const cached = this.#reads.get(resource);
    if (cached !== undefined) return cached;
    const [output] = this.addOp(
      'ReadVariableOp',
      [attr.type('dtype', resource.dtype)],
      [this.captureResource(resource)],
      1,
      [resource.shape],
    );
    const id = (output as TensorEntry).id;
    this.#reads.set(resource, id);
    return id;
  }

  writeResource(resource: ResourceVariable, value: number): void {
    this.addOp('AssignVariableOp', [attr.type('dtype', resource.dtype)], [this.captureResource(resource), value], 0);
  }

  /** Symbolic id of the handle of a resource, for ops that update it in place. */
  captureResource(resource: ResourceVariable): number {
    void resource.handle;
    const id = this.#capture(resource, { kind: 'resource', resource }, () =>
      this.graph.placeholder(DType.RESOURCE, []),
    );
    this.#resources.set(id, resource);
    return id;
  }

  /** Records an op. @param shapes of the outputs, where TensorFlow cannot infer them */
  addOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    numOutputs: number,
    shapes?: readonly (readonly number[])[],
  ): TensorEntry[] {
    const definition = this.#runtime.ops.get(name);
    const stateful = definition?.stateful === true;
    if (stateful && RANDOM_OPS.test(name))
      throw this.fail('TRACE_RANDOM', `the op ${name} draws from a hidden generator`);
    const nodes = inputs.map((id) => this.#resolve(id));
    const resources = inputs.flatMap((id) => this.#resources.get(id) ?? []);
    const writes = stateful && !PURE_READS.has(name);
    const keys = resources.length > 0 ? resources.map((resource) => resource.handle) : stateful ? [NO_RESOURCE] : [];
    const node = this.graph.op(name, attributes, nodes, this.#effects.before(keys, writes));
    this.#effects.add(node, keys, writes);
    if (writes) for (const resource of resources) this.#reads.delete(resource);
    this.#note(name, attributes, this.#relative(inputs), numOutputs);
    const outputs = Array.from({ length: numOutputs }, (_, index) => this.#output(name, node, index, shapes?.[index]));
    this.#log?.addOp(name, attributes, inputs.map((id) => this.symbolic(id)), outputs); // prettier-ignore
    return outputs;
  }

  /** Makes the recording a function of the runtime. */
  register(name: string, outputs: readonly number[]): void {
    this.graph.register(
      name,
      this.#inputs,
      outputs.map((id) => this.#resolve(id)),
      this.#effects.effects,
    );
  }

  dispose(): void {
    this.graph.dispose();
  }

  #output(name: string, node: NodePointer, index: number, given: readonly number[] | undefined): TensorEntry {
    const output = { oper: node, index };
    if (given !== undefined) this.graph.setShape(output, given);
    const shape = this.graph.shapeOf(output);
    const dtype = this.graph.dtypeOf(output);
    return {
      id: this.#add(output),
      shape: OPAQUE_OUTPUTS[name] === index ? [] : this.#known(name, index, shape, dtype),
      dtype,
    };
  }

  #known(name: string, index: number, shape: InferredShape, dtype: number): number[] {
    if (shape?.every((dim) => dim >= 0) === true) {
      checkedSize(shape, dtype, `result of ${name}`);
      return [...shape];
    }
    const got =
      shape === undefined ? 'an unknown rank' : `the shape [${shape.map((dim) => (dim < 0 ? '?' : dim)).join(', ')}]`;
    throw this.fail('TRACE_UNKNOWN_SHAPE', `output ${index} of ${name} has ${got}, which depends on values`);
  }

  #resolve(id: number): NodeOutput {
    const node = this.#nodes.get(id);
    if (node !== undefined) return node;
    if (id < 0) throw this.fail('TRACE_ESCAPED', 'a tensor of another trace is used');
    // A tensor made before the step is an input of it: tensors never change, so the same one is right in every later call.
    const { dtype, shape } = this.#runtime.handles.get(id);
    return this.#node(this.#capture(id, { kind: 'tensor', id }, () => this.graph.placeholder(dtype, shape)));
  }

  #capture(key: unknown, capture: Capture, placeholder: () => NodeOutput): number {
    const known = this.#captureIds.get(key);
    if (known !== undefined) return known;
    const id = this.#add(placeholder());
    this.#inputs.push(this.#node(id));
    this.#captures.push(capture);
    this.#captureIds.set(key, id);
    this.#note(
      'capture',
      capture.kind,
      capture.kind === 'tensor'
        ? capture.id
        : capture.kind === 'resource'
          ? capture.resource.handle
          : capture.variable.id,
    );
    return id;
  }

  #add(node: NodeOutput): number {
    const id = nextId--;
    this.#nodes.set(id, node);
    return id;
  }

  #node(id: number): NodeOutput {
    return this.#nodes.get(id) as NodeOutput;
  }

  /** Ids as the recording alone determines them. */
  #relative(ids: readonly number[]): number[] {
    return ids.map((id) => (id < 0 ? this.#firstId - id : id));
  }

  #note(...facts: unknown[]): void {
    this.#hash.update(JSON.stringify(facts));
  }

  #noteValues(dtype: number, values: HostValues): void {
    if (dtype === DType.STRING)
      for (const value of values as readonly Uint8Array[]) this.#hash.update(value).update('|');
    else if (ArrayBuffer.isView(values)) this.#hash.update(values as Uint8Array);
    else this.#note(Array.from(values as readonly number[]), elementBytes(dtype));
  }
}

const RANDOM_OPS = /Random|Multinomial|TruncatedNormal|^Stateful|CandidateSampler/;

const ADVICE: Partial<Record<EngineErrorCode, string>> = {
  TRACE_VALUE_READ:
    'A step is recorded before it runs, so there are no values: compute with tensor ops, and read what the step returns.',
  TRACE_RANDOM:
    'The number would be frozen into the step: use stateless random ops with a seed that is an input of the step.',
  TRACE_HOST_TENSOR:
    'The values would be frozen into the step: pass them as an input of the step, or create the tensor once outside of it.',
  TRACE_ASSIGN: 'Use `engine.assign(variable, value)`, which writes an adopted variable when the step runs.',
  TRACE_UNKNOWN_SHAPE:
    'Tensors of a step have fixed shapes: run this op outside of the step, or use one with a fixed output size.',
};
