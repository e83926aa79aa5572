import { EngineError } from '../errors.js';
import { nodeAttributes, setAttribute, type OpAttribute } from './attributes.js';
import type { CApi } from './c-api.js';
import { DType } from './dtype.js';
import type { NativeRuntime } from './native-runtime.js';
import type { OpDefinition } from './op-definitions.js';
import type {
  FunctionPointer,
  GraphPointer,
  NodeDescriptionPointer,
  NodeOutput,
  NodePointer,
  TensorPointer,
} from './pointers.js';
import type { Status } from './status.js';
import { int64s } from './tensor-values.js';

/** Shape of a node's output as TensorFlow infers it; -1 is an unknown dimension, `undefined` an unknown rank. */
export type InferredShape = readonly number[] | undefined;

/** A `TF_Graph` under construction. Free it with `dispose`, also after it became a function. */
export class GraphBuilder {
  readonly #api: CApi;
  readonly #runtime: NativeRuntime;
  readonly #status: Status;
  readonly #graph: GraphPointer;
  #names = 0;
  #disposed = false;

  constructor(runtime: NativeRuntime) {
    this.#runtime = runtime;
    this.#api = runtime.api;
    this.#status = runtime.status;
    this.#graph = this.#api.TF_NewGraph();
  }

  placeholder(dtype: number, shape: readonly number[]): NodeOutput {
    const node = this.#begin('Placeholder');
    this.#api.TF_SetAttrType(node, 'dtype', dtype);
    if (dtype !== DType.RESOURCE) this.#api.TF_SetAttrShape(node, 'shape', int64s(shape), shape.length);
    return { oper: this.#finish(node, 'input'), index: 0 };
  }

  constant(tensor: TensorPointer, dtype: number): NodeOutput {
    const node = this.#begin('Const');
    this.#api.TF_SetAttrType(node, 'dtype', dtype);
    this.#api.TF_SetAttrTensor(node, 'value', tensor, this.#status.pointer);
    this.#status.check('constant');
    return { oper: this.#finish(node, 'constant'), index: 0 };
  }

  /** Adds an op; `inputs` in the order of its definition, list-valued arguments flattened into it. */
  op(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly NodeOutput[],
    controls: Iterable<NodePointer>,
  ): NodePointer {
    const definition = this.#runtime.ops.get(name);
    if (definition === undefined) throw new EngineError('NATIVE_ARGUMENT', `TensorFlow has no op ${name}.`);
    const groups = groupInputs(definition, attributes, inputs.length);
    const node = this.#begin(name);
    let at = 0;
    for (const { count, list } of groups) {
      const group = inputs.slice(at, (at += count));
      if (list) this.#api.TF_AddInputList(node, group, count);
      else this.#api.TF_AddInput(node, group[0] as NodeOutput);
    }
    for (const control of controls) this.#api.TF_AddControlInput(node, control);
    const implied = impliedAttributes(definition);
    const target = nodeAttributes(this.#api, node);
    // The lengths and types of list arguments follow from the inputs; setting them twice is an error.
    for (const attribute of attributes) if (!implied.has(attribute.name)) setAttribute(target, name, attribute);
    return this.#finish(node, name);
  }

  dtypeOf(output: NodeOutput): number {
    return this.#api.TF_OperationOutputType(output);
  }

  shapeOf(output: NodeOutput): InferredShape {
    const rank = this.#api.TF_GraphGetTensorNumDims(this.#graph, output, this.#status.pointer);
    this.#status.check('shape');
    if (rank < 0) return undefined;
    if (rank === 0) return [];
    const dims = new BigInt64Array(rank);
    this.#api.TF_GraphGetTensorShape(this.#graph, output, dims, rank, this.#status.pointer);
    this.#status.check('shape');
    return Array.from(dims, Number);
  }

  setShape(output: NodeOutput, shape: readonly number[]): void {
    this.#api.TF_GraphSetTensorShape(this.#graph, output, int64s(shape), shape.length, this.#status.pointer);
    this.#status.check('shape');
  }

  /** Registers the graph with the runtime as a function of that name. */
  register(
    name: string,
    inputs: readonly NodeOutput[],
    outputs: readonly NodeOutput[],
    controls: readonly NodePointer[],
  ): void {
    const api = this.#api;
    const pointer = this.#status.pointer;
    const f = api.TF_GraphToFunctionWithControlOutputs(
      this.#graph,
      name,
      0,
      -1,
      null,
      inputs.length,
      inputs,
      outputs.length,
      outputs,
      null,
      controls.length,
      controls,
      null,
      null,
      null,
      pointer,
    );
    this.#status.check(`function ${name}`);
    try {
      api.TFE_ContextAddFunction(this.#runtime.context, f as FunctionPointer, pointer);
      this.#status.check(`function ${name}`);
    } finally {
      api.TF_DeleteFunction(f as FunctionPointer);
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#api.TF_DeleteGraph(this.#graph);
  }

  #begin(type: string): NodeDescriptionPointer {
    return this.#api.TF_NewOperation(this.#graph, type, `n${this.#names++}`);
  }

  #finish(node: NodeDescriptionPointer, what: string): NodePointer {
    const operation = this.#api.TF_FinishOperation(node, this.#status.pointer);
    this.#status.check(what);
    return operation as NodePointer;
  }
}

/** How many of the flat inputs each argument of the op takes, by the op's definition. */
function groupInputs(
  definition: OpDefinition,
  attributes: readonly OpAttribute[],
  total: number,
): { count: number; list: boolean }[] {
  const { name, inputs } = definition;
  const lists = inputs.filter((input) => input.numberAttribute !== undefined || input.typeListAttribute !== undefined);
  const valueOf = (key: string | undefined) => attributes.find((attribute) => attribute.name === key)?.value;
  const groups = inputs.map((input) => {
    if (input.numberAttribute === undefined && input.typeListAttribute === undefined) return { count: 1, list: false };
    const given = valueOf(input.numberAttribute) ?? valueOf(input.typeListAttribute);
    if (Array.isArray(given)) return { count: given.length, list: true };
    if (typeof given === 'number') return { count: given, list: true };
    if (lists.length > 1)
      throw new EngineError('NATIVE_ARGUMENT', `${name}: the length of its list argument ${input.name} is not given.`);
    return { count: total - (inputs.length - 1), list: true };
  });
  const wanted = groups.reduce((sum, group) => sum + group.count, 0);
  if (wanted !== total) throw new EngineError('NATIVE_ARGUMENT', `${name} takes ${wanted} inputs, got ${total}.`);
  return groups;
}

function impliedAttributes(definition: OpDefinition): Set<string> {
  return new Set(
    definition.inputs.flatMap((input) =>
      [input.numberAttribute, input.typeListAttribute].filter((name) => name !== undefined),
    ),
  );
}
