import type { Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { tf } from '../backend/tfjs.js';
import { kernel } from './kernel.js';
import { stockKernel } from './stock-kernel.js';

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4D = [number, number, number, number];

/** How an image is padded and cut so that pooling without padding gives what was asked for. */
interface Frame {
  readonly paddings: [[number, number], [number, number], [number, number], [number, number]];
  /** Height and width that the windows cover, padding included. */
  readonly covered: [number, number];
}

/** `undefined` where TensorFlow's own padding will do. */
function frameOf(shape: Shape4D, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes): Frame | undefined {
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { type, top, left } = info.padInfo;
  if (type === 'SAME' || type === 'VALID') return undefined;
  const height = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
  const width = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
  const after = (covered: number, size: number, before: number) => Math.max(covered - size - before, 0);
  return {
    paddings: [
      [0, 0],
      [top, after(height, shape[1], top)],
      [left, after(width, shape[2], left)],
      [0, 0],
    ],
    covered: [height, width],
  };
}

const framed = (x: Tensor4D, { paddings, covered }: Frame, value: number): Tensor4D =>
  tf.slice(tf.pad(x, paddings, value), [0, 0, 0, 0], [-1, ...covered, -1]);

/** The gradient of `framed`: what was cut off gets 0, what was padded is dropped. */
function unframed(gradient: Tensor4D, { paddings, covered }: Frame, shape: Shape4D): Tensor {
  const [top, left] = [paddings[1][0], paddings[2][0]];
  const full = tf.pad(gradient, [[0, 0], [0, Math.max(top + shape[1] - covered[0], 0)], [0, Math.max(left + shape[2] - covered[1], 0)], [0, 0]]); // prettier-ignore
  return tf.slice(full, [0, top, left, 0], [-1, shape[1], shape[2], -1]);
}

/** Share of each window that lies on the image. */
const share = (backend: TensorFlowBackend, x: TensorInfo, frame: Frame, attributes: object): Tensor =>
  stockKernel('AvgPool')({
    inputs: { x: framed(tf.ones(x.shape as Shape4D), frame, 0) },
    backend,
    attrs: { ...attributes, pad: 'valid' },
  }) as Tensor;

const maxPool = kernel<'x', PoolAttributes>('MaxPool', (backend, { x }, attributes) => {
  const run = stockKernel('MaxPool');
  const frame = frameOf(x.shape as Shape4D, attributes);
  if (frame === undefined) return run({ inputs: { x }, backend, attrs: { ...attributes } });
  return tf.tidy(
    () =>
      run({
        inputs: { x: framed(x as Tensor4D, frame, -Infinity) },
        backend,
        attrs: { ...attributes, pad: 'valid' },
      }) as Tensor,
  );
});

const avgPool = kernel<'x', PoolAttributes>('AvgPool', (backend, { x }, attributes) => {
  const run = stockKernel('AvgPool');
  const frame = frameOf(x.shape as Shape4D, attributes);
  if (frame === undefined) return run({ inputs: { x }, backend, attrs: { ...attributes } });
  return tf.tidy(() => {
    const means = run({
      inputs: { x: framed(x as Tensor4D, frame, 0) },
      backend,
      attrs: { ...attributes, pad: 'valid' },
    }) as Tensor;
    return tf.div(means, share(backend, x, frame, attributes));
  });
});

const maxPoolGrad = kernel<'dy' | 'input' | 'output', PoolAttributes>(
  'MaxPoolGrad',
  (backend, { dy, input, output }, attributes) => {
    const run = stockKernel('MaxPoolGrad');
    const shape = input.shape as Shape4D;
    const frame = frameOf(shape, attributes);
    if (frame === undefined) return run({ inputs: { dy, input, output }, backend, attrs: { ...attributes } });
    return tf.tidy(() => {
      const inputs = { dy, input: framed(input as Tensor4D, frame, -Infinity), output };
      return unframed(run({ inputs, backend, attrs: { ...attributes, pad: 'valid' } }) as Tensor4D, frame, shape);
    });
  },
);

const avgPoolGrad = kernel<'dy' | 'input', PoolAttributes>('AvgPoolGrad', (backend, { dy, input }, attributes) => {
  const run = stockKernel('AvgPoolGrad');
  const shape = input.shape as Shape4D;
  const frame = frameOf(shape, attributes);
  if (frame === undefined) return run({ inputs: { dy, input }, backend, attrs: { ...attributes } });
  return tf.tidy(() => {
    const scaled = tf.div(dy as Tensor, share(backend, input, frame, attributes));
    const inputs = { dy: scaled, input: framed(input as Tensor4D, frame, 0) };
    return unframed(run({ inputs, backend, attrs: { ...attributes, pad: 'valid' } }) as Tensor4D, frame, shape);
  });
});

/** Pooling with paddings given as numbers, which tfjs-node leaves out: pad, then pool without padding. */
export const explicitPaddingKernels = [maxPool, avgPool, maxPoolGrad, avgPoolGrad];
