import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

/**
 * Calls with arguments that make native kernels end the process (marked) or take more memory than there is, in one child process that must live through
 * all of them and still compute.
 */
const calls: Record<string, string> = {
  'negative dimension': `tensor([-2, -2], 4).add(1)`,
  'fewer values than the shape has': `tensor([2, 2], 3).add(1)`,
  'rank 300': `tensor(new Array(300).fill(1), 1).add(1)`,
  'a tensor of 4 EB': `tf.fill([1e6, 1e6, 1e6], 1)`,
  'sizes whose product overflows': `op('Fill', [type('T', 1), type('index_type', 3)], [i32([2147483647, 2147483647, 2147483647]), tf.scalar(1)])`,
  'a product of more than memory': `tf.matMul(f([300000, 1]), f([1, 300000]))`,
  'a sum of more than memory by broadcasting': `tf.add(f([300000, 1]), f([1, 300000]))`,
  'reshape to negative sizes': `op('Reshape', [type('T', 1), type('Tshape', 3)], [f([4]), i32([-2, -2])])`,
  'resize to a huge image': `op('ResizeBilinear', [type('T', 1)], [f([1, 4, 4, 1]), i32([2147483647, 2147483647])])`,
  'crops of a huge size (hangs)': `op('CropAndResize', [type('T', 1)], [f([1, 4, 4, 1]), f([1, 4]), i32([0]), i32([2147483647, 2147483647])])`,
  'convolution with other channels': `op('Conv2D', conv, [f([1, 8, 8, 3]), f([3, 3, 5, 4])])`,
  'convolution of rank 3 (aborts)': `op('Conv2D', conv, [f([8, 8, 3]), f([3, 3, 3, 4])])`,
  'convolution without input channels': `tf.conv2d(tf.zeros([1, 8, 8, 0]), tf.zeros([3, 3, 0, 4]), 1, 'same')`,
  'convolution with an empty filter': `tf.conv2d(f([1, 8, 8, 3]), tf.zeros([0, 0, 3, 4]), 1, 'same')`,
  'convolution with stride 0': `op('Conv2D', [type('T', 1), ints('strides', [1, 0, 0, 1]), string('padding', 'SAME')], [f([1, 8, 8, 3]), f([3, 3, 3, 4])])`,
  'input gradient of a negative size (aborts)': `op('Conv2DBackpropInput', conv, [i32([1, -8, 8, 3]), f([3, 3, 3, 4]), f([1, 8, 8, 4])])`,
  'input gradient of size -1': `op('Conv2DBackpropInput', conv, [i32([1, -1, 8, 3]), f([3, 3, 3, 4]), f([1, 8, 8, 4])])`,
  'filter gradient of a negative size': `op('Conv2DBackpropFilter', conv, [f([1, 8, 8, 3]), i32([-3, 3, 3, 4]), f([1, 8, 8, 4])])`,
  'depthwise input gradient of a negative size (aborts)': `op('DepthwiseConv2dNativeBackpropInput', conv, [i32([1, 8, 8, -3]), f([3, 3, 3, 2]), f([1, 8, 8, 6])])`,
  'average pooling gradient with a short shape (aborts)': `op('AvgPoolGrad', pool, [i32([1, 8]), f([1, 4, 4, 3])])`,
  'maximum pooling gradient of other shapes': `op('MaxPoolGrad', pool, [f([1, 8, 8, 3]), f([1, 2, 2, 3]), f([1, 3, 3, 7])])`,
  'pooling with an empty window': `op('MaxPool', [type('T', 1), ints('ksize', [1, 0, 0, 1]), ints('strides', [1, 1, 1, 1]), string('padding', 'SAME')], [f([1, 8, 8, 3])])`,
  'a window larger than the image': `tf.maxPool(f([1, 2, 2, 1]), 5, 1, 'valid')`,
  'batch norm with other channels': `tf.engine().runKernel('FusedBatchNormTraining', { x: f([2, 4, 4, 3]), gamma: f([5]), beta: f([7]) }, { epsilon: 1e-3 })`,
  'gather beyond the end': `tf.gather(f([4]), i32([77]))`,
  'one-hot of a negative depth': `op('OneHot', [type('T', 1), type('TI', 3), int('axis', -1)], [i32([1]), tf.scalar(-5, 'int32'), tf.scalar(1), tf.scalar(0)])`,
  'random numbers of a negative shape': `tf.engine().runKernel('StatelessRandomUniform', { seed: i32([1, 2]) }, { shape: [-4] })`,
  'an op that does not exist': `op('NoSuchOp', [], [f([1])])`,
  'an input too few': `op('Add', [type('T', 1)], [f([2])])`,
  'a resource op on a number': `op('ReadVariableOp', [type('dtype', 1)], [f([1])])`,
  'an attribute that is no integer': `op('Conv2D', [type('T', 1), ints('strides', [1, 1.5, 1.5, 1]), string('padding', 'SAME')], [f([1, 8, 8, 3]), f([3, 3, 3, 4])])`,
  'a native tensor that was disposed': `{ const x = tf.scalar(1).add(1); x.dispose(); return tf.engine().runKernel('Relu', { x }); }`,
};

const program = `
import { createRequire } from 'node:module';
const tf = createRequire(import.meta.url)('@tensorflow/tfjs');
const { createEngine } = await import(process.argv[2]);
await createEngine();
const type = (name, value) => ({ name, type: 4, value });
const int = (name, value) => ({ name, type: 1, value });
const ints = int;
const string = (name, value) => ({ name, type: 0, value });
const op = (name, attributes, inputs) => tf.backend().executeMultipleOutputs(name, attributes, inputs, 1);
const f = (shape) => tf.fill(shape, 1);
const i32 = (values) => tf.tensor1d(values, 'int32');
const tensor = (shape, values) => tf.engine().makeTensorFromTensorInfo({ dataId: tf.backend().write(new Float32Array(values), shape, 'float32'), shape, dtype: 'float32' });
const conv = [type('T', 1), ints('strides', [1, 1, 1, 1]), string('padding', 'SAME')];
const pool = [type('T', 1), ints('ksize', [1, 2, 2, 1]), ints('strides', [1, 2, 2, 1]), string('padding', 'SAME')];
const calls = { ${Object.entries(calls)
  .map(([name, call]) => `${JSON.stringify(name)}: () => ${call.startsWith('{') ? call : `(${call})`}`)
  .join(',\n')} };
const results = {};
for (const [name, call] of Object.entries(calls)) {
  process.stdout.write('calling ' + name + '\\n');
  try { tf.tidy(() => { call(); }); results[name] = 'returned'; } catch (error) { results[name] = error instanceof Error ? 'threw' : 'threw no Error'; }
}
results.alive = tf.tidy(() => tf.conv2d(f([1, 4, 4, 1]), f([3, 3, 1, 1]), 1, 'valid').sum().dataSync()[0]);
process.stdout.write('RESULT ' + JSON.stringify(results) + '\\n');
`;

let folder: string;
beforeAll(async () => {
  const modules = join(import.meta.dirname, '../../node_modules');
  await mkdir(modules, { recursive: true }); // a workspace has none of its own where everything is hoisted
  folder = await mkdtemp(join(modules, '.hostile-'));
  await build({
    entryPoints: [join(import.meta.dirname, '../index.ts')],
    outfile: join(folder, 'engine.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    conditions: ['@multichexnet/source'],
  });
  await build({
    stdin: { contents: program, resolveDir: folder },
    outfile: join(folder, 'calls.mjs'),
    platform: 'node',
    format: 'esm',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('no call ends the process: each throws, and the engine works on', async () => {
  const output = await new Promise<string>((resolve) => {
    const args = [join(folder, 'calls.mjs'), pathToFileURL(join(folder, 'engine.mjs')).href];
    execFile(process.execPath, args, { timeout: 110_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  const result = /^RESULT (.*)$/m.exec(output)?.[1];
  expect(result, `the child ended early:\n${output.slice(-1500)}`).toBeDefined();
  const { alive, ...results } = JSON.parse(result!) as Record<string, unknown>;
  expect(alive).toBe(36);
  expect(results).toEqual(Object.fromEntries(Object.keys(calls).map((name) => [name, 'threw'])));
}, 120_000);
