import * as tf from '@tensorflow/tfjs';
import { claimName, currentBuild } from './build-context.js';
import { hashName, randomStream } from './counter-random.js';
import type { Connect } from './layers.js';
import { currentStep, type StepRanks } from './step-context.js';

/**
 * Inverted dropout (Srivastava et al. 2014): with `training: true` each value is zero with probability `rate`, else divided by `1 - rate`; identity when
 * not training. The mask is a function of (run seed, step, model, layer name) and the sample's place in the whole batch, so a resumed run draws what the unbroken one would
 * have drawn, and several processes what one would.
 *
 * @param rate in [0, 1)
 */
export function dropout(rate: number, name?: string): Connect {
  const layer = new Dropout(rate, claimName('dropout', name), currentBuild().scope);
  return (x) => layer.apply(x) as tf.SymbolicTensor;
}

class Dropout extends tf.layers.Layer {
  static className = 'Dropout';
  readonly #rate: number;
  readonly #stream: number;

  constructor(rate: number, name: string, scope: string) {
    super({ name });
    this.#rate = rate;
    this.#stream = hashName(`${scope}/${name}`) | 0;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (kwargs.training !== true || this.#rate === 0) return tf.clone(x);
    const { seed, ranks } = currentStep(this.name);
    const own = tf.add(seed, tf.tensor1d([this.#stream, 0], 'int32')); // [2], wraps around
    const drawn = ranks === undefined ? statelessUniform(x.shape, own) : ownRows(x.shape, own, ranks);
    const keep = tf.cast(tf.greaterEqual(drawn, this.#rate), 'float32');
    return tf.mul(x, tf.mul(keep, 1 / (1 - this.#rate)));
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.#rate };
  }
}

/**
 * The numbers of the whole batch, of which the rows of this process's samples are taken: a sample's mask does not depend on how many processes train.
 *
 * @param shape of this process's part, [datasets * b, ...]
 */
function ownRows(shape: readonly number[], seed: tf.Tensor, { group, datasets }: StepRanks): tf.Tensor {
  const [rows = 1, ...rest] = shape;
  const values = (rows / datasets) * rest.reduce((a, b) => a * b, 1);
  const whole = tf.reshape(statelessUniform([rows * group.size, ...rest], seed), [datasets, group.size, values]);
  return tf.reshape(tf.slice(whole, [0, group.rank, 0], [datasets, 1, values]), [...shape]);
}

/**
 * Uniform values in [0, 1), a function of `seed` (int32 [2]) and `shape` alone. TensorFlow's own op where the backend has it; elsewhere (tfjs' `cpu`,
 * which cannot trace) other numbers from the counter-based generator.
 */
export function statelessUniform(shape: number[], seed: tf.Tensor): tf.Tensor {
  if (tf.getKernel('StatelessRandomUniform', tf.getBackend()) !== undefined) {
    return tf.engine().runKernel('StatelessRandomUniform', { seed }, { shape });
  }
  const [key, counter] = seed.dataSync() as Int32Array;
  const stream = randomStream(key!, String(counter!));
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => stream.uniform(i)),
    shape,
  );
}
