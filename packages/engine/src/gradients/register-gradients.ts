import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs';
import { BACKEND_NAME } from '../backend/backend-name.js';
import { tf } from '../backend/tfjs.js';

/**
 * Gradients as TensorFlow's own ops. tfjs composes them from elementary ones, which costs time and, in a traced step, memory: a mask computed from the
 * forward pass alone is computed early and kept. A gradient is registered for all backends at once, so the composed form stays for the others.
 */
const onTensorFlow = () => tf.getBackend() === BACKEND_NAME;
const run = (name: string, inputs: Record<string, Tensor>, attributes?: NamedAttrMap) =>
  tf.engine().runKernel<Tensor>(name, inputs, attributes);
const positive = (tensor: Tensor) => tf.cast(tf.step(tensor), 'float32');

const gradients: GradConfig[] = [
  {
    kernelName: 'Relu',
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () => (onTensorFlow() ? run('ReluGrad', { dy: one(dy), y: some(y) }) : tf.mul(one(dy), positive(some(y)))),
    }),
  },
  {
    kernelName: 'Relu6',
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      // As in TensorFlow the slope at 6 is 0; tfjs has 1 there.
      x: () =>
        onTensorFlow()
          ? run('Relu6Grad', { dy: one(dy), y: some(y) })
          : tf.mul(one(dy), tf.mul(positive(some(y)), tf.cast(tf.less(some(y), 6), 'float32'))),
    }),
  },
  {
    kernelName: 'LeakyRelu',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attributes) => {
      const { alpha } = attributes as { alpha: number };
      return {
        x: () =>
          onTensorFlow()
            ? run('LeakyReluGrad', { dy: one(dy), x: some(x) }, { alpha })
            : tf.where(tf.greater(some(x), 0), one(dy), tf.mul(one(dy), alpha)),
      };
    },
  },
  {
    kernelName: 'Sigmoid',
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () =>
        onTensorFlow()
          ? run('SigmoidGrad', { dy: one(dy), y: some(y) })
          : tf.mul(one(dy), tf.mul(some(y), tf.sub(1, some(y)))),
    }),
  },
  {
    kernelName: 'Tanh',
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () =>
        onTensorFlow() ? run('TanhGrad', { dy: one(dy), y: some(y) }) : tf.mul(tf.sub(1, tf.square(some(y))), one(dy)),
    }),
  },
  {
    kernelName: 'Softplus',
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({
      x: () =>
        onTensorFlow() ? run('SoftplusGrad', { dy: one(dy), x: some(x) }) : tf.mul(one(dy), tf.sigmoid(some(x))),
    }),
  },
  {
    kernelName: 'FusedBatchNormTraining',
    inputsToSave: ['x', 'gamma'],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dy, saved, attributes) => {
      const [x, gamma, r1, r2, r3] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
      // At once, not in the closures: tfjs tidies each closure, which would dispose the parts that the others return.
      const parts = tf
        .engine()
        .runKernel(
          'FusedBatchNormTrainingGrad',
          { dy: one(dy), x, gamma, r1, r2, r3 },
          attributes,
        ) as unknown as Tensor[];
      const part = (index: number) => () => parts[index] as Tensor;
      return { x: part(0), gamma: part(1), beta: part(2) };
    },
  },
  // Each is linear in dy; tfjs does not differentiate through what a gradient saved, so that is all there is to a second derivative.
  ...(['ReluGrad', 'Relu6Grad', 'SigmoidGrad', 'TanhGrad'] as const).map((kernelName): GradConfig => ({
    kernelName,
    inputsToSave: ['y'],
    gradFunc: (ddy, [y]) => ({ dy: () => run(kernelName, { dy: one(ddy), y: some(y) }) }),
  })),
  ...(['LeakyReluGrad', 'SoftplusGrad'] as const).map((kernelName): GradConfig => ({
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (ddy, [x], attributes) => ({ dy: () => run(kernelName, { dy: one(ddy), x: some(x) }, attributes) }),
  })),
];

/** The incoming gradient of an op, that of its first output. */
function one(dy: Tensor | Tensor[]): Tensor {
  return Array.isArray(dy) ? (dy[0] as Tensor) : dy;
}

/** A saved tensor; tfjs hands over exactly those that the configuration names. */
const some = (tensor: Tensor | undefined): Tensor => tensor as Tensor;

export function registerGradients(): void {
  for (const gradient of gradients) tf.registerGradient(gradient);
}
