import type { RecordedOp } from '@multichexnet/core';
import { OnnxError } from '../errors.js';
import type { OnnxModel, OnnxValueInfo } from '../model/onnx-model.js';
import type { Convert } from './converter.js';
import { Graph, TO_FIRST } from './graph.js';
import { channelwise } from './ops/channelwise.js';
import { convolutions } from './ops/convolution.js';
import { cutting } from './ops/cutting.js';
import { elementwise } from './ops/elementwise.js';
import { padding } from './ops/padding.js';
import { pooling } from './ops/pooling.js';
import { products } from './ops/product.js';
import { resizing } from './ops/resize.js';
import { shapes } from './ops/shape.js';
import type { Dim, SymbolicFunction } from './symbolic.js';

/** What is the newest one that runtimes of 2022 and later take. */
const OPSET = 17;

/** TensorFlow op -> ONNX nodes. */
const CONVERTERS: Readonly<Record<string, Convert>> = {
  ...elementwise,
  ...convolutions,
  ...channelwise,
  ...pooling,
  ...products,
  ...resizing,
  ...shapes,
  ...cutting,
  ...padding,
};

export const convertedOps: readonly string[] = Object.keys(CONVERTERS).sort();

export interface ModelNames {
  readonly graph: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly documentation?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A recording as an ONNX model. Shapes and values of inputs and outputs are those of the recording (NHWC).
 *
 * @throws {OnnxError} ONNX_UNSUPPORTED_OP with the op's name and the layer that it follows, ONNX_BATCH
 */
export function convertFunction(recording: SymbolicFunction, names: ModelNames): OnnxModel {
  const ops = livingOps(recording);
  const graph = new Graph(recording, countUses(ops, recording.outputs), names.inputs[0] ?? '');
  recording.inputs.forEach((id, i) => placeInput(graph, id, names.inputs[i] as string));
  for (const op of ops) {
    const convert = CONVERTERS[op.type];
    if (convert === undefined)
      throw new OnnxError(
        'ONNX_UNSUPPORTED_OP',
        `the network uses TensorFlow's op ${op.type} (${placeOf(recording, op)}), which this package does not write as ONNX; it knows ${convertedOps.length} others`,
      );
    try {
      convert(graph, op);
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
      throw new OnnxError(error.code, `${error.message} (${placeOf(recording, op)})`);
    }
  }
  const outputs = recording.outputs.map((id, i) => {
    const inner = graph.node('Identity', [graph.last(id)]);
    return { id, inner, name: names.outputs[i] as string };
  });
  const { nodes, initializers } = graph.finish(outputs.map(({ inner }) => inner));
  const renamed = new Map(outputs.map(({ inner, name }) => [inner, name]));
  const info = (id: number, name: string): OnnxValueInfo => ({
    name,
    dtype: graph.dtype(id),
    dims: graph.shape(id).map(dimension),
  });
  return {
    opset: OPSET,
    graphName: names.graph,
    documentation: names.documentation ?? '',
    metadata: names.metadata ?? {},
    inputs: recording.inputs.map((id, i) => info(id, names.inputs[i] as string)),
    outputs: outputs.map(({ id, name }) => info(id, name)),
    initializers,
    nodes: nodes.map((node) => ({ ...node, outputs: node.outputs.map((name) => renamed.get(name) ?? name) })),
  };
}

/** Grey images lie the same with channels first, which is where they go. */
function placeInput(graph: Graph, id: number, name: string): void {
  const shape = graph.shape(id);
  if (shape.length !== 4 || shape[3] !== 1) return graph.setLast(id, name);
  graph.setFirst(id, graph.reshape(name, shape, TO_FIRST.map((axis) => shape[axis] as Dim))); // prettier-ignore
}

const dimension = (dim: Dim): number | string => (dim >= 0 ? dim : dim === -1 ? 'batch' : `${-dim}*batch`);

/** Ops whose results reach an output. */
function livingOps({ ops, outputs }: SymbolicFunction): RecordedOp[] {
  const wanted = new Set(outputs);
  const living = [...ops].reverse().filter((op) => {
    if (!op.outputs.some((id) => wanted.has(id))) return false;
    for (const id of op.inputs) wanted.add(id);
    return true;
  });
  return living.reverse();
}

/** How many take a value. */
function countUses(ops: readonly RecordedOp[], outputs: readonly number[]): Map<number, number> {
  const uses = new Map<number, number>();
  for (const id of [...ops.flatMap((op) => op.inputs), ...outputs]) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

/** Where in the network: the parameter last used on the way to the op. */
function placeOf({ ops, values }: SymbolicFunction, op: RecordedOp): string {
  const makers = new Map(ops.flatMap((maker) => maker.outputs.map((id) => [id, maker] as const)));
  const seen = new Set<number>();
  let front = [...op.inputs];
  while (front.length > 0) {
    for (const id of front) {
      const variable = values.get(id)?.variable;
      if (variable !== undefined) return `behind ${variable.replace(/^.*:/, '')}`;
      seen.add(id);
    }
    front = front.flatMap((id) => makers.get(id)?.inputs ?? []).filter((id) => !seen.has(id));
  }
  return 'at the network’s input';
}
