import type { RecordedFunction, StepFunction } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { anyBatch, convertFunction, encodeModel, fixedBatch, type OnnxModel } from './index.js';
import { compare, noise, useBoth } from './testing/against-engine.js';

const { engine, runtime } = useBoth();

const record = (fn: StepFunction, batch: number): RecordedFunction =>
  engine().record('test', fn, [{ dtype: 'float32', shape: [batch, 4, 6, 1] }]);
const names = {
  graph: 'test',
  inputs: ['image'],
  outputs: ['y'],
  metadata: { note: 'é', run: 'a' },
  documentation: 'text',
};
const anySize = (fn: (x: tf.Tensor4D) => tf.Tensor): OnnxModel => {
  const step: StepFunction = ([x]) => [fn(x as tf.Tensor4D)];
  return convertFunction(anyBatch(record(step, 2), record(step, 3), [2, 3]), names);
};

/** One model for batches of every size. */
const flexible: Record<string, (x: tf.Tensor4D) => tf.Tensor> = {
  'shapes that follow the batch': (x) => tf.reshape(tf.mul(x, 2), [x.shape[0] * 4, 6]),
  'constants as large as the batch': (x) => tf.add(x, tf.ones(x.shape)),
  'a constant alone, as large as the batch': (x) => tf.fill([x.shape[0], 2], 3),
  resizing: (x) => tf.image.resizeBilinear(x, [8, 8]),
  'transposed convolution': (x) => tf.conv2dTranspose(x, tf.ones([3, 3, 2, 1]), [x.shape[0], 8, 12, 2], 2, 'same'),
  'slices and edges': (x) => tf.pad(tf.slice(x, [0, 1, 0, 0], [-1, 2, -1, -1]), [[0, 0], [0, 1], [0, 0], [0, 0]]), // prettier-ignore
  'sums over the batch': (x) => tf.sum(x, [0, 1]),
};

test.each(Object.entries(flexible))('any batch: %s', async (_, fn) => {
  const model = anySize(fn);
  const session = await runtime().open(encodeModel(model, { name: 'test', version: '0' }));
  for (const batch of [1, 2, 7]) {
    const x = tf.tensor4d(noise(batch * 24), [batch, 4, 6, 1]);
    const { y } = await session.run({ image: { dtype: 'float32', dims: x.shape, data: x.dataSync<'float32'>() } });
    const wanted = fn(x);
    expect(y?.dims).toEqual(wanted.shape);
    const values = wanted.dataSync<'float32'>();
    for (let i = 0; i < values.length; i++) expect(y?.data[i]).toBeCloseTo(values[i] as number, 5);
  }
  await session.dispose();
});

test('the batch is a dimension with a name; a batch that was recorded once is a number', () => {
  const fn: StepFunction = ([x]) => [tf.reshape(tf.neg(x as tf.Tensor), [(x?.shape[0] ?? 1) * 4, 6])];
  const any = convertFunction(anyBatch(record(fn, 2), record(fn, 3), [2, 3]), names);
  expect(any.inputs).toEqual([{ name: 'image', dtype: 'float32', dims: ['batch', 4, 6, 1] }]);
  expect(any.outputs).toEqual([{ name: 'y', dtype: 'float32', dims: ['4*batch', 6] }]);
  expect(convertFunction(fixedBatch(record(fn, 2)), names).outputs[0]?.dims).toEqual([8, 6]);
});

test.each<[string, (x: tf.Tensor4D) => tf.Tensor]>([
  ['a part of the batch', (x) => tf.slice(x, [1, 0, 0, 0], [1, -1, -1, -1])],
  ['other ops for other sizes', (x) => (x.shape[0] === 2 ? tf.neg(x) : tf.abs(x))],
  ['more ops for other sizes', (x) => tf.addN(tf.split(x, x.shape[0]))],
  ['numbers that depend on the size', (x) => tf.add(x, x.shape[0])],
])('a network that treats images by their place in the batch has a file for one size alone: %s', (_, fn) => {
  expect(() => anySize(fn)).toThrow(expect.objectContaining({ code: 'ONNX_BATCH' }));
  expect(() => convertFunction(fixedBatch(record(([x]) => [fn(x as tf.Tensor4D)], 2)), names)).not.toThrow();
});

test('an op that is not known is named, with its place', () => {
  const kernel = tf.variable(tf.ones([1, 1, 1, 1]), true, 'kernel');
  engine().adopt({ 'a:head/odd/kernel': kernel });
  const fn: StepFunction = ([x]) => [
    tf.cumsum(tf.relu(tf.conv2d(x as tf.Tensor4D, kernel as unknown as tf.Tensor4D, 1, 'same')), 1),
  ];
  expect(() => convertFunction(fixedBatch(record(fn, 1)), names)).toThrow(
    expect.objectContaining({
      code: 'ONNX_UNSUPPORTED_OP',
      message: expect.stringMatching(/Cumsum \(behind head\/odd\/kernel\)/) as string,
    }),
  );
  engine().release([kernel]);
});

test('the same network gives the same bytes, and weights keep their names', () => {
  const kernel = tf.variable(tf.tensor(noise(9), [3, 3, 1, 1]), true, 'kernel');
  engine().adopt({ 'encoder.7:encoder/first/kernel': kernel });
  const fn: StepFunction = ([x]) => [tf.conv2d(x as tf.Tensor4D, kernel as unknown as tf.Tensor4D, 1, 'same')];
  const bytes = (): Uint8Array =>
    encodeModel(convertFunction(anyBatch(record(fn, 2), record(fn, 3), [2, 3]), names), { name: 'test', version: '0' });
  const first = bytes();
  expect(bytes()).toEqual(first);
  for (const word of ['encoder/first/kernel', 'batch', 'é', 'text'])
    expect(Buffer.from(first).includes(word)).toBe(true);
  engine().release([kernel]);
});

test('weights of one name, or of one like it, stay apart', async () => {
  const weights = [2, 3, 5].map((value) => tf.variable(tf.fill([1, 1, 1, 1], value)));
  engine().adopt({ 'a:x/kernel': weights[0]!, 'b:x/kernel': weights[1]!, 'c:x/kernel_1': weights[2]! });
  const fn = (x: tf.Tensor4D): tf.Tensor[] =>
    weights.map((kernel) => tf.conv2d(x, kernel as unknown as tf.Tensor4D, 1, 'same'));
  const { difference, model } = await compare(fn, [tf.tensor4d(noise(24), [1, 4, 6, 1])]);
  expect(difference).toBeLessThan(1e-6);
  expect(model.initializers.map(({ name }) => name).filter((name) => name.startsWith('x/'))).toEqual(['x/kernel', 'x/kernel_1', 'x/kernel_1_1']); // prettier-ignore
  engine().release(weights);
});

test('a network without any op is a model as well', async () => {
  expect((await compare((x: tf.Tensor) => [x, tf.zeros([2])], [tf.tensor([1, 2, 3])])).difference).toBe(0);
});

test('what ONNX Runtime refuses is told', async () => {
  await expect(runtime().open(Buffer.from('no model'))).rejects.toMatchObject({ code: 'ONNX_RUNTIME_FAILED' });
  const session = await runtime().open(encodeModel(anySize(tf.neg), { name: 'test', version: '0' }));
  const wrong = { dtype: 'float32', dims: [1, 2, 2, 1], data: new Float32Array(4) } as const;
  await expect(session.run({ image: wrong })).rejects.toMatchObject({ code: 'ONNX_RUNTIME_FAILED' });
  await session.dispose();
});
