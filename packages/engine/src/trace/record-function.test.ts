import type { Tensor } from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tf } from '../backend/tfjs.js';
import { createEngine } from '../create-engine.js';
import type { TensorFlowEngine } from '../tensorflow-engine.js';

let engine: TensorFlowEngine;
beforeAll(async () => {
  engine = (await createEngine()) as TensorFlowEngine;
});
afterAll(() => engine.dispose());

const image = { dtype: 'float32', shape: [2, 3] } as const;

test('the list holds every op, with what it takes from outside by value', () => {
  const weight = tf.variable(tf.tensor([1, 2, 3]), true, 'weight');
  engine.adopt({ 'record:weight': weight });
  const shift = tf.tensor([4, 5, 6]);
  const { inputs, outputs, ops, values } = engine.record(
    'affine',
    ([x]) => [tf.add(tf.mul(x as Tensor, weight), shift), tf.sum(x as Tensor, 1)],
    [image],
  );
  expect(ops.map(({ type }) => type)).toEqual(['ReadVariableOp', 'Mul', 'BiasAdd', 'Sum']);
  expect(inputs).toHaveLength(1);
  expect(values.get(inputs[0] as number)).toEqual({ dtype: 'float32', shape: [2, 3] });
  const [read, , add, sum] = ops;
  expect(values.get(read?.inputs[0] as number)).toEqual({
    dtype: 'float32',
    shape: [3],
    data: Float32Array.of(1, 2, 3),
    variable: 'record:weight',
  });
  expect(values.get(add?.inputs[1] as number)?.data).toEqual(Float32Array.of(4, 5, 6));
  expect(add?.attributes).toMatchObject({ data_format: 'NHWC' });
  expect(values.get(sum?.inputs[1] as number)).toEqual({ dtype: 'int32', shape: [1], data: Int32Array.of(1) });
  expect(outputs).toEqual([add?.outputs[0], sum?.outputs[0]]);
  expect(values.get(outputs[0] as number)?.shape).toEqual([2, 3]);
  engine.release([weight]);
  shift.dispose();
});

test('a function that writes is refused, and nothing is left behind', () => {
  const count = tf.variable(tf.scalar(0), false, 'count');
  engine.adopt({ 'record:count': count });
  const before = engine.memory();
  const write = ([x]: Tensor[]): Tensor[] => {
    engine.assign(count, tf.sum(x as Tensor));
    return [x as Tensor];
  };
  expect(() => engine.record('counter', write, [image])).toThrow(expect.objectContaining({ code: 'TRACE_ASSIGN' }));
  expect(() => engine.record('random', () => [tf.randomUniform([2])], [])).toThrow(
    expect.objectContaining({ code: 'TRACE_RANDOM' }),
  );
  expect(engine.memory()).toEqual(before);
  engine.release([count]);
});
