import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, noise, useBoth } from './testing/against-engine.js';

useBoth();

/** Float32 sums in another order. */
const CLOSE = 2e-5;
const RUNS = { numRuns: 25 };

const image = (shape: [number, number, number, number], seed = 1): tf.Tensor4D =>
  tf.tensor4d(noise(shape.reduce((a, b) => a * b), seed), shape); // prettier-ignore

/** The same image, but ONNX has it with channels first. */
const turned = (x: tf.Tensor4D): tf.Tensor4D => tf.avgPool(x, 1, 1, 'valid');

async function expectEqual(
  fn: (...x: never[]) => tf.Tensor | tf.Tensor[],
  inputs: tf.Tensor[],
  tolerance = CLOSE,
): Promise<void> {
  const { difference } = await compare(fn, inputs);
  tf.dispose(inputs);
  expect(difference).toBeLessThanOrEqual(tolerance);
}

const size = fc.integer({ min: 5, max: 12 });
const few = fc.integer({ min: 1, max: 3 });
const channels = fc.integer({ min: 1, max: 5 });

describe('convolutions', () => {
  const plan = fc.record({
    h: size,
    w: size,
    c: channels,
    out: channels,
    kh: few,
    kw: few,
    stride: few,
    pad: fc.constantFrom('same', 'valid', [[0, 0], [1, 2], [2, 0], [0, 0]]), // prettier-ignore
    dilation: fc.constantFrom(1, 2),
  });

  test('conv2d with bias and activation', () =>
    fc.assert(
      fc.asyncProperty(plan, fc.boolean(), async ({ h, w, c, out, kh, kw, stride, pad, dilation }, bias) => {
        const strides = dilation === 1 ? stride : 1;
        const filter = tf.tensor4d(noise(kh * kw * c * out, 2), [kh, kw, c, out]);
        const vector = tf.tensor1d(noise(out, 3));
        const rounding = typeof pad === 'string' ? undefined : 'floor';
        const fn = (x: tf.Tensor4D): tf.Tensor => {
          const y = tf.conv2d(x, filter, strides, pad as 'same', 'NHWC', dilation, rounding);
          return bias ? tf.relu(tf.add(y, vector)) : y;
        };
        await expectEqual(fn, [image([2, h, w, c])]);
        tf.dispose([filter, vector]);
      }),
      RUNS,
    ));

  test('depthwise and separable convolution', () =>
    fc.assert(
      fc.asyncProperty(plan, few, async ({ h, w, c, out, kh, kw, stride, pad, dilation }, multiplier) => {
        const filter = tf.tensor4d(noise(kh * kw * c * multiplier, 2), [kh, kw, c, multiplier]);
        const point = tf.tensor4d(noise(c * multiplier * out, 4), [1, 1, c * multiplier, out]);
        const padding = typeof pad === 'string' ? pad : 'same';
        const strides = dilation === 1 ? stride : 1;
        const fn = (x: tf.Tensor4D): tf.Tensor[] => [
          tf.depthwiseConv2d(x, filter, strides, padding as 'same', 'NHWC', dilation),
          tf.separableConv2d(x, filter, point, 1, padding as 'same'),
        ];
        await expectEqual(fn, [image([1, h, w, c])]);
        tf.dispose([filter, point]);
      }),
      RUNS,
    ));

  test('transposed convolution', () =>
    fc.assert(
      fc.asyncProperty(plan, async ({ h, w, c, out, kh, kw, stride, pad }) => {
        const filter = tf.tensor4d(noise(kh * kw * c * out, 2), [kh, kw, out, c]);
        const same = pad !== 'valid';
        const full = (n: number, k: number): number => (same ? n * stride : (n - 1) * stride + Math.max(k, stride));
        const shape = [2, full(h, kh), full(w, kw), out] as [number, number, number, number];
        await expectEqual((x: tf.Tensor4D) => tf.conv2dTranspose(x, filter, shape, stride, same ? 'same' : 'valid'), [image([2, h, w, c])]); // prettier-ignore
        filter.dispose();
      }),
      RUNS,
    ));

  test('batch norm behind a convolution is part of it; in front of one it is a node', async () => {
    const [filter, second] = [
      tf.tensor4d(noise(3 * 3 * 2 * 4, 2), [3, 3, 2, 4]),
      tf.tensor4d(noise(3 * 3 * 4 * 4, 9), [3, 3, 4, 4]),
    ];
    const [mean, offset, scale] = [3, 4, 5].map((seed) => tf.tensor1d(noise(4, seed))) as [
      tf.Tensor1D,
      tf.Tensor1D,
      tf.Tensor1D,
    ];
    const variance = tf.tensor1d(noise(4, 6).map((value) => value * value + 0.1));
    const norm = (x: tf.Tensor4D): tf.Tensor4D => tf.batchNorm(x, mean, variance, offset, scale, 1e-3);
    const x = image([2, 6, 6, 2]);
    const behind = await compare((v: tf.Tensor4D) => norm(tf.conv2d(v, filter, 1, 'same')), [x]);
    expect(behind.difference).toBeLessThan(CLOSE);
    expect(behind.model.nodes.map(({ type }) => type)).not.toContain('BatchNormalization');
    // The convolution's own result is an output as well: it must stay as it is.
    const shared = await compare(
      (v: tf.Tensor4D) => {
        const y = tf.conv2d(v, filter, 1, 'same');
        return [y, tf.relu(norm(y)), norm(tf.conv2dTranspose(tf.relu(norm(y)), second, [2, 12, 12, 4], 2, 'same'))];
      },
      [x],
    );
    expect(shared.difference).toBeLessThan(CLOSE);
    // Twice behind that one, and none behind the second.
    expect(shared.model.nodes.filter(({ type }) => type === 'BatchNormalization')).toHaveLength(2);
    // Through a name of its own (a reshape to the same shape) that two ops take.
    const aliased = await compare(
      (v: tf.Tensor4D) => {
        const y = tf.reshape(tf.conv2d(v, filter, 1, 'same'), [2, 6, 6, 4]);
        return tf.add(norm(y as tf.Tensor4D), y);
      },
      [x],
    );
    expect(aliased.difference).toBeLessThan(CLOSE);
    tf.dispose([x, filter, second, mean, offset, scale, variance]);
  });

  test('a filter that is computed', () =>
    expectEqual(
      (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, tf.mul(f, 2), 1, 'same'),
      [image([1, 5, 5, 2]), image([3, 3, 2, 2], 7)],
    ));

  test('an edge of zeros is the convolution’s own, and the pooling’s where it cannot be a maximum', async () => {
    const filter = tf.tensor4d(noise(3 * 3 * 2 * 3, 2), [3, 3, 2, 3]);
    const edge = [[0, 0], [1, 2], [2, 1], [0, 0]] as [number, number][]; // prettier-ignore
    const types = async (fn: (x: tf.Tensor4D) => tf.Tensor): Promise<string[]> => {
      const { model, difference } = await compare(fn, [image([1, 7, 7, 2])]);
      expect(difference).toBeLessThan(CLOSE);
      return model.nodes.map(({ type }) => type);
    };
    const padded = (x: tf.Tensor4D, value = 0): tf.Tensor4D => tf.pad(x, edge, value);
    expect(await types((x) => tf.conv2d(padded(turned(x)), filter, 2, 'valid'))).not.toContain('Pad');
    expect(await types((x) => tf.conv2d(padded(turned(x), 1), filter, 2, 'valid'))).toContain('Pad');
    expect(await types((x) => tf.maxPool(padded(tf.relu(turned(x))), 3, 2, 'valid'))).not.toContain('Pad');
    expect(await types((x) => tf.maxPool(padded(turned(x)), 3, 2, 'valid'))).toContain('Pad');
    expect(await types((x) => tf.maxPool(padded(tf.relu(turned(x))), 2, 2, 'valid'))).toContain('Pad');
    expect(await types((x) => tf.avgPool(padded(turned(x)), 3, 2, 'valid'))).toContain('Pad');
    expect(await types((x) => tf.maxPool(padded(turned(x), -Infinity), 3, 2, 'valid'))).not.toContain('Pad');
    filter.dispose();
  });
});

test('pooling over windows', () =>
  fc.assert(
    fc.asyncProperty(size, size, few, few, fc.constantFrom('same', 'valid', 1), async (h, w, window, stride, pad) => {
      const padding = window < 2 && pad === 1 ? 'valid' : pad;
      const rounding = typeof padding === 'number' ? 'floor' : undefined;
      const fn = (x: tf.Tensor4D): tf.Tensor[] => [
        tf.maxPool(x, window, stride, padding as 'same', rounding),
        tf.avgPool(x, [window, 1], stride, padding === 1 ? 'same' : (padding as 'same')),
      ];
      await expectEqual(fn, [image([2, h, w, 3])]);
    }),
    RUNS,
  ));

describe('reductions', () => {
  const reductions = { mean: tf.mean, sum: tf.sum, max: tf.max, min: tf.min, prod: tf.prod };
  test.each(Object.entries(reductions))('%s over any axes, in both layouts', (_, reduce) =>
    fc.assert(
      fc.asyncProperty(fc.subarray([0, 1, 2, 3]), fc.boolean(), fc.boolean(), async (axes, keep, first) => {
        const fn = (x: tf.Tensor4D): tf.Tensor => reduce(first ? turned(x) : x, axes, keep);
        await expectEqual(fn, [image([2, 3, 4, 5])]);
      }),
      RUNS,
    ),
  );

  test('of a matrix', () =>
    expectEqual((x: tf.Tensor) => [tf.sum(x, 1), tf.sum(x, 0), tf.mean(x)], [tf.tensor(noise(12), [3, 4])]));
});

describe('element by element', () => {
  const unary: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    ...{
      relu: tf.relu,
      relu6: (x) => tf.relu6(tf.mul(x, 9)),
      elu: tf.elu,
      selu: tf.selu,
      sigmoid: tf.sigmoid,
      tanh: tf.tanh,
    },
    ...{
      softplus: tf.softplus,
      exp: tf.exp,
      expm1: tf.expm1,
      abs: tf.abs,
      neg: tf.neg,
      square: tf.square,
      sign: tf.sign,
    },
    ...{
      log: (x) => tf.log(tf.abs(x)),
      log1p: tf.log1p,
      sqrt: (x) => tf.sqrt(tf.abs(x)),
      reciprocal: (x) => tf.reciprocal(tf.add(x, 3)),
    },
    ...{
      rsqrt: (x) => tf.rsqrt(tf.add(tf.abs(x), 0.1)),
      floor: (x) => tf.floor(tf.mul(x, 5)),
      ceil: (x) => tf.ceil(tf.mul(x, 5)),
    },
    ...{
      round: (x) => tf.round(tf.mul(x, 5)),
      erf: tf.erf,
      sin: tf.sin,
      cos: tf.cos,
      tan: tf.tan,
      asin: tf.asin,
      acos: tf.acos,
    },
    ...{
      atan: tf.atan,
      sinh: tf.sinh,
      cosh: tf.cosh,
      leaky: (x) => tf.leakyRelu(x, 0.3),
      clip: (x) => tf.clipByValue(x, -0.5, 0.25),
    },
    ...{
      softmax: (x) => tf.softmax(x),
      logSoftmax: (x) => tf.logSoftmax(x),
      prelu: (x) => tf.prelu(x, tf.tensor1d([0.1, 0.2, 0.3])),
    },
    ...{
      step: (x) => tf.step(x, 0.5),
      isNaN: (x) => tf.isNaN(tf.sqrt(x)),
      isInf: (x) => tf.isInf(tf.div(1, tf.relu(x))),
    },
    ...{
      isFinite: (x) => tf.isFinite(tf.log(x)),
      not: (x) => tf.logicalNot(tf.greater(x, 0)),
      onesLike: (x) => tf.add(tf.onesLike(x), x),
    },
    ...{
      int: (x) => tf.cast(tf.mul(x, 9), 'int32'),
      bool: (x) => tf.cast(tf.cast(x, 'bool'), 'float32'),
      zerosLike: (x) => tf.zerosLike(x),
    },
    ...{
      ones: (x) => tf.mul(x, tf.ones(x.shape)),
      same: (x) => tf.cast(x, 'float32'),
      full: (x) => tf.maximum(x, tf.fill(x.shape, 0.2)),
    },
  };
  test.each(Object.entries(unary))('%s', async (_, fn) => {
    await expectEqual(fn, [image([2, 3, 4, 3])]);
    await expectEqual((x: tf.Tensor4D) => fn(turned(x)), [image([2, 3, 4, 3])]);
    await expectEqual(fn, [tf.tensor(noise(6), [2, 3])]);
  });

  const binary: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
    ...{
      add: tf.add,
      sub: tf.sub,
      mul: tf.mul,
      div: (a, b) => tf.div(a, tf.add(tf.abs(b), 0.5)),
      maximum: tf.maximum,
      minimum: tf.minimum,
    },
    ...{
      pow: (a, b) => tf.pow(tf.abs(a), b),
      squaredDifference: tf.squaredDifference,
      less: tf.less,
      greater: tf.greater,
    },
    ...{ lessEqual: tf.lessEqual, greaterEqual: tf.greaterEqual, equal: tf.equal, notEqual: tf.notEqual },
    ...{
      and: (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.less(b, 0)),
      or: (a, b) => tf.logicalOr(tf.greater(a, 0), tf.less(b, 0)),
    },
    ...{
      where: (a, b) => tf.where(tf.greater(a, 0), a, b),
      floorDiv: (a, b) => tf.floorDiv(a, tf.add(tf.abs(b), 0.5)),
    },
  };
  const others = [[2, 3, 4, 5], [5], [1], [], [4, 5], [3, 1, 5], [2, 1, 1, 5], [3, 4, 1], [1, 3, 1, 1]]; // prettier-ignore
  test.each(Object.entries(binary))('%s with broadcasting, constant or not, in both layouts', async (_, fn) => {
    for (const shape of others) {
      const values = noise(shape.reduce((a, b) => a * b, 1), 5); // prettier-ignore
      const constant = tf.tensor(values, shape);
      const inputs = (): [tf.Tensor4D, tf.Tensor] => [image([2, 3, 4, 5]), tf.tensor(values, shape)];
      await expectEqual((a: tf.Tensor4D, b: tf.Tensor) => fn(turned(a), b), inputs());
      await expectEqual((a: tf.Tensor4D, b: tf.Tensor) => fn(b, a), inputs());
      await expectEqual((a: tf.Tensor4D) => fn(turned(a), constant), [image([2, 3, 4, 5])]);
      constant.dispose();
    }
  });

  test('sum of many', () =>
    expectEqual((a: tf.Tensor, b: tf.Tensor) => tf.addN([a, b, a]), [image([1, 2, 2, 2]), image([1, 2, 2, 2], 4)]));
});

describe('moving values', () => {
  const x4 = (): tf.Tensor4D => image([2, 4, 6, 3]);
  const moves: Record<string, (x: tf.Tensor4D) => tf.Tensor | tf.Tensor[]> = {
    reshape: (x) => tf.reshape(x, [2, 24, 3]),
    'reshape to rank 4': (x) => tf.reshape(x, [2, 8, 3, 3]),
    flatten: (x) => tf.reshape(x, [2, -1]),
    transpose: (x) => tf.transpose(x, [0, 2, 1, 3]),
    'transpose to nothing': (x) => tf.transpose(x, [0, 1, 2, 3]),
    expandDims: (x) => tf.expandDims(x, 2),
    squeeze: (x) => tf.squeeze(tf.slice(x, [0, 1, 0, 0], [-1, 1, -1, -1]), [1]),
    concat: (x) => [0, 1, 2, 3].map((axis) => tf.concat([x, tf.mul(x, 2)], axis)),
    'concat with nothing': (x) => tf.concat([x, tf.zeros([2, 0, 6, 3])], 1),
    stack: (x) => [0, 2, 4].map((axis) => tf.stack([x, tf.neg(x)], axis)),
    unstack: (x) => [...tf.unstack(x, 1), ...tf.unstack(x, 3)],
    split: (x) => [...tf.split(x, 2, 1), ...tf.split(x, [1, 2], 3)],
    tile: (x) => tf.tile(x, [1, 2, 1, 3]),
    'tile by one': (x) => tf.tile(x, [1, 1, 1, 1]),
    slice: (x) => tf.slice(x, [0, 1, 2, 1], [-1, 2, 3, 2]),
    'slice of all': (x) => tf.slice(x, [0, 0, 0, 0], [2, 4, 6, 3]),
    stridedSlice: (x) => tf.stridedSlice(x, [0, 3, 1, 0], [2, 0, 6, 3], [1, -1, 2, 1], 0b1001, 0b1001),
    'stridedSlice that drops an axis': (x) =>
      tf.stridedSlice(x, [0, 1, 0, 2], [2, 2, 6, 3], [1, 1, 1, 1], 0, 0, 0, 0, 0b1010),
    pad: (x) => tf.pad(x, [[0, 0], [1, 2], [0, 1], [2, 0]], 0.5), // prettier-ignore
    'pad by nothing': (x) => tf.pad(x, [[0, 0], [0, 0], [0, 0], [0, 0]]), // prettier-ignore
    'reflected edge': (x) => tf.mirrorPad(x, [[0, 0], [1, 2], [2, 1], [0, 0]], 'reflect'), // prettier-ignore
    'symmetric edge': (x) => tf.mirrorPad(x, [[0, 0], [1, 2], [2, 1], [0, 0]], 'symmetric'), // prettier-ignore
    gather: (x) => [tf.gather(x, tf.tensor1d([2, 0], 'int32'), 3), tf.gather(x, tf.tensor1d([1], 'int32'), 1)],
    depthToSpace: (x) => tf.depthToSpace(tf.concat([x, tf.mul(x, 3), tf.neg(x), x], 3), 2, 'NHWC'),
    argMax: (x) => [tf.argMax(x, 3), tf.argMin(x, 1)],
    reverse: (x) => tf.mul(x, tf.zeros([2, 4, 6, 3])),
    clone: (x) => [tf.clone(x), x],
  };
  test.each(Object.entries(moves))('%s', async (_, fn) => {
    await expectEqual(fn, [x4()]);
    await expectEqual((x: tf.Tensor4D) => fn(turned(x)), [x4()]);
  });
});

test('resizing in every coordinate system', () =>
  fc.assert(
    fc.asyncProperty(
      size,
      size,
      size,
      size,
      fc.constantFrom('plain', 'corners', 'half'),
      async (h, w, toH, toW, mode) => {
        const [corners, half] = [mode === 'corners', mode === 'half'];
        await expectEqual(
          (x: tf.Tensor4D) => tf.image.resizeBilinear(x, [toH, toW], corners, half),
          [image([2, h, w, 2])],
        );
      },
    ),
    { numRuns: 40 },
  ));

test('resizing to the nearest pixel', async () => {
  for (const mode of ['plain', 'corners', 'half'])
    for (const to of [
      [10, 14],
      [15, 21],
      [3, 4],
      [8, 6],
      [1, 1],
    ] as const)
      // prettier-ignore
      await expectEqual(
        (x: tf.Tensor4D) => tf.image.resizeNearestNeighbor(x, [...to], mode === 'corners', mode === 'half'),
        [image([2, 5, 7, 2])],
        0,
      );
});

test('matrix products, transposed and in batches', async () => {
  for (const a of [false, true])
    for (const b of [false, true]) {
      const left = tf.tensor(noise(12), a ? [4, 3] : [3, 4]);
      const right = tf.tensor(noise(20, 2), b ? [5, 4] : [4, 5]);
      const constant = tf.tensor(noise(20, 2), right.shape);
      await expectEqual((x: tf.Tensor2D, y: tf.Tensor2D) => tf.matMul(x, y, a, b), [left, right]);
      await expectEqual((x: tf.Tensor2D) => tf.matMul(x, constant, a, b), [tf.tensor(noise(12), a ? [4, 3] : [3, 4])]);
      constant.dispose();
    }
  await expectEqual(
    (x: tf.Tensor3D, y: tf.Tensor3D) => tf.matMul(x, y),
    [tf.tensor(noise(24), [2, 3, 4]), tf.tensor(noise(40, 2), [2, 4, 5])],
  );
});

test('sums of products by letters', () =>
  expectEqual(
    (a: tf.Tensor3D, b: tf.Tensor3D) => tf.einsum('bij,bjk->bik', a, b),
    [tf.tensor(noise(24), [2, 3, 4]), tf.tensor(noise(40, 2), [2, 4, 5])],
  ));

test('forms of an op that mean something else in ONNX are refused', async () => {
  const rows = (x: tf.Tensor2D): tf.Tensor =>
    tf.engine().runKernel('Select', { condition: tf.greater(tf.sum(x, 1), 0), t: x, e: tf.neg(x) });
  await expect(compare(rows, [tf.tensor(noise(6), [3, 2])])).rejects.toMatchObject({ code: 'ONNX_UNSUPPORTED_OP' });
  const whole = (x: tf.Tensor): tf.Tensor => tf.floorDiv(tf.cast(x, 'int32'), tf.scalar(2, 'int32'));
  await expect(compare(whole, [tf.tensor([3, -3])])).rejects.toMatchObject({ code: 'ONNX_UNSUPPORTED_OP' });
});
