import type { RecordedOp } from '@multichexnet/core';
import { input, number, output, type Convert } from '../converter.js';
import { TO_FIRST, unsupported, type Graph } from '../graph.js';

/** Inputs by name in one order of axes, which the result has too. */
interface Operands {
  readonly names: readonly string[];
  readonly place: (name: string) => void;
}

/** Brings the inputs of an op that works element by element, with broadcasting, into one layout: the one in which they already lie. */
export function operands(graph: Graph, op: RecordedOp): Operands {
  const result = output(op);
  if (graph.rank(result) === 4 && op.inputs.some((id) => graph.prefersFirst(id)))
    return { names: op.inputs.map((id) => firstOf(graph, id)), place: (name) => graph.setFirst(result, name) };
  return { names: op.inputs.map((id) => lastOf(graph, id)), place: (name) => graph.setLast(result, name) };
}

/** One value stands for a constant that is the same everywhere: it is broadcast against the other operand. */
function uniform(graph: Graph, id: number): string | undefined {
  const data = graph.data(id);
  return data?.length === 1 ? graph.constant(graph.dtype(id), [], data) : undefined;
}

const lastOf = (graph: Graph, id: number): string => uniform(graph, id) ?? graph.last(id);

/** A value of any rank so that it broadcasts against channels-first ones: [c] becomes [1, c, 1, 1]. */
function firstOf(graph: Graph, id: number): string {
  const one = uniform(graph, id);
  if (one !== undefined) return one;
  const shape = graph.shape(id);
  if (shape.length === 4) return graph.first(id);
  const full = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape];
  const turned = TO_FIRST.map((axis) => full[axis] as number);
  const data = graph.data(id);
  // One axis of more than one element lies the same wherever it stands.
  if (data !== undefined && full.filter((dim) => dim !== 1).length <= 1)
    return graph.constant(graph.dtype(id), turned, data);
  const name = graph.reshape(graph.last(id), shape, full);
  return graph.node('Transpose', [name], { perm: { ints: TO_FIRST } });
}

const plain =
  (type: string): Convert =>
  (graph, op) => {
    const { names, place } = operands(graph, op);
    // ONNX broadcasts to the operands' shape, which is not the result's where all of them are equal everywhere.
    if (op.inputs.every((id) => uniform(graph, id) !== undefined))
      return graph.setLast(
        output(op),
        graph.node(
          type,
          op.inputs.map((id) => graph.last(id)),
        ),
      );
    place(graph.node(type, names));
  };

/** Ops in ONNX's terms: what `make` gives for the inputs' names. */
const composed =
  (make: (graph: Graph, names: readonly string[], op: RecordedOp) => string): Convert =>
  (graph, op) => {
    const { names, place } = operands(graph, op);
    place(make(graph, names, op));
  };

const scaled = (type: string, attribute: string, otherwise: number): Convert =>
  composed((graph, names, op) => graph.node(type, names, { alpha: { float: number(op, attribute, otherwise) } }));

const sameName = Object.fromEntries(
  [
    ...['Relu', 'Selu', 'Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Floor', 'Ceil'],
    ...['Round', 'Sign', 'Erf', 'Reciprocal', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh'],
    ...['Add', 'Sub', 'Mul', 'Pow', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal', 'Not', 'And', 'Or'],
  ].map((type) => [type, plain(type)]),
);

/** Ops that treat every element alike, with TensorFlow's broadcasting, which is ONNX's too. */
export const elementwise: Readonly<Record<string, Convert>> = {
  ...sameName,
  AddV2: plain('Add'),
  AddN: plain('Sum'),
  Div: plain('Div'),
  RealDiv: plain('Div'),
  Maximum: plain('Max'),
  Minimum: plain('Min'),
  GreaterEqual: plain('GreaterOrEqual'),
  LessEqual: plain('LessOrEqual'),
  LogicalNot: plain('Not'),
  LogicalAnd: plain('And'),
  LogicalOr: plain('Or'),
  IsNan: plain('IsNaN'),
  IsInf: plain('IsInf'),
  Inv: plain('Reciprocal'),
  SelectV2: plain('Where'),
  Select: (graph, op) => {
    const [condition, x] = [graph.rank(input(op)), graph.rank(input(op, 1))];
    // A vector chooses whole rows here, where ONNX would broadcast it along the last axis.
    if (condition === 1 && x > 1) throw unsupported(op, 'a condition by rows is not written');
    plain('Where')(graph, op);
  },
  NotEqual: composed((graph, names) => graph.node('Not', [graph.node('Equal', names)])),
  IsFinite: composed((graph, names) =>
    graph.node('Not', [graph.node('Or', [graph.node('IsNaN', names), graph.node('IsInf', names)])]),
  ),
  Elu: scaled('Elu', 'alpha', 1),
  LeakyRelu: scaled('LeakyRelu', 'alpha', 0.2),
  Relu6: composed((graph, names) => graph.node('Clip', [...names, graph.float(0), graph.float(6)])),
  Rsqrt: composed((graph, names) => graph.node('Reciprocal', [graph.node('Sqrt', names)])),
  Square: composed((graph, [x]) => graph.node('Mul', [x as string, x as string])),
  Log1p: composed((graph, [x]) => graph.node('Log', [graph.node('Add', [x as string, graph.float(1)])])),
  Expm1: composed((graph, [x]) => graph.node('Sub', [graph.node('Exp', [x as string]), graph.float(1)])),
  FloorDiv: composed((graph, names, op) => {
    if (graph.dtype(output(op)) !== 'float32') throw unsupported(op, 'of whole numbers is not written');
    return graph.node('Floor', [graph.node('Div', names)]);
  }),
  SquaredDifference: composed((graph, names) => {
    const difference = graph.node('Sub', names);
    return graph.node('Mul', [difference, difference]);
  }),
  Softmax: (graph, op) => alongChannels(graph, op, 'Softmax'),
  LogSoftmax: (graph, op) => alongChannels(graph, op, 'LogSoftmax'),
};

/** Ops along the last axis of TensorFlow's order. */
function alongChannels(graph: Graph, op: RecordedOp, type: string): void {
  const first = graph.prefersFirst(input(op));
  const { names, place } = operands(graph, op);
  place(graph.node(type, names, { axis: { int: first ? 1 : -1 } }));
}
