import { ElementType, type AttributeValue, type OnnxModel, type OnnxTensor, type OnnxValueInfo } from './onnx-model.js';
import { ProtoBytes } from './proto-bytes.js';

/** Version of the file format that came with opset 15 to 18 (ONNX 1.12): what older runtimes take. */
const IR_VERSION = 8;
/** `AttributeProto.AttributeType`. */
const AttributeKind = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** The program that wrote a file. */
export interface Producer {
  readonly name: string;
  readonly version: string;
}

/**
 * A model as the bytes of an `.onnx` file (`onnx.proto`, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): equal bytes for equal models. Values lie in
 * the file itself, never beside it.
 */
export function encodeModel(
  model: OnnxModel,
  producer: Producer = { name: 'multichexnet', version: '' },
): Uint8Array<ArrayBuffer> {
  const graph = new ProtoBytes();
  for (const { type, inputs, outputs, attributes } of model.nodes) {
    const node = new ProtoBytes();
    for (const input of inputs) node.string(1, input);
    for (const output of outputs) node.string(2, output);
    node.string(3, outputs[0] ?? type).string(4, type);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    graph.message(1, node);
  }
  graph.string(2, model.graphName);
  for (const tensor of model.initializers) graph.message(5, initializer(tensor));
  for (const input of model.inputs) graph.message(11, valueInfo(input));
  for (const output of model.outputs) graph.message(12, valueInfo(output));

  const message = new ProtoBytes()
    .int(1, IR_VERSION)
    .string(2, producer.name)
    .string(3, producer.version)
    .string(6, model.documentation)
    .message(7, graph)
    .message(8, new ProtoBytes().string(1, '').int(2, model.opset));
  for (const [key, value] of Object.entries(model.metadata))
    message.message(14, new ProtoBytes().string(1, key).string(2, value));
  return message.finish();
}

function attribute(name: string, value: AttributeValue): ProtoBytes {
  const message = new ProtoBytes().string(1, name);
  if ('float' in value) return message.float(2, value.float).int(20, AttributeKind.float);
  if ('int' in value) return message.int(3, value.int).int(20, AttributeKind.int);
  if ('string' in value) return message.string(4, value.string).int(20, AttributeKind.string);
  for (const item of value.ints) message.int(8, item);
  return message.int(20, AttributeKind.ints);
}

function initializer({ name, dtype, dims, data }: OnnxTensor): ProtoBytes {
  const message = new ProtoBytes();
  for (const dim of dims) message.int(1, dim);
  // `raw_data` is little-endian, as are the machines that the engine runs on.
  return message
    .int(2, ElementType[dtype])
    .string(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function valueInfo({ name, dtype, dims }: OnnxValueInfo): ProtoBytes {
  const shape = new ProtoBytes();
  for (const dim of dims)
    shape.message(1, typeof dim === 'number' ? new ProtoBytes().int(1, dim) : new ProtoBytes().string(2, dim));
  const tensor = new ProtoBytes().int(1, ElementType[dtype]).message(2, shape);
  return new ProtoBytes().string(1, name).message(2, new ProtoBytes().message(1, tensor));
}
