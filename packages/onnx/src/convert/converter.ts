import type { RecordedOp } from '@multichexnet/core';
import { OnnxError } from '../errors.js';
import type { Graph } from './graph.js';

/** Adds the ONNX nodes of one op to the graph. @throws {OnnxError} ONNX_UNSUPPORTED_OP, ONNX_BATCH */
export type Convert = (graph: Graph, op: RecordedOp) => void;

export const input = (op: RecordedOp, index = 0): number => op.inputs[index] as number;
export const output = (op: RecordedOp, index = 0): number => op.outputs[index] as number;

export const text = (op: RecordedOp, name: string): string | undefined => op.attributes[name] as string | undefined;
export const flag = (op: RecordedOp, name: string): boolean => Boolean(op.attributes[name] ?? false);
export const number = (op: RecordedOp, name: string, otherwise: number): number =>
  (op.attributes[name] as number | undefined) ?? otherwise;
export const numbers = (op: RecordedOp, name: string): readonly number[] | undefined =>
  op.attributes[name] as readonly number[] | undefined;

/** An op that takes a part of the batch, or turns it around. */
export const batchCut = (op: RecordedOp): OnnxError =>
  new OnnxError('ONNX_BATCH', `${op.type}: the network takes a part out of the batch; export it for one batch size`);
