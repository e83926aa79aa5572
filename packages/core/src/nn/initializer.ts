import * as tf from '@tensorflow/tfjs';
import { randomStream } from './counter-random.js';

/**
 * `glorot*`: Glorot & Bengio 2010, variance 2 / (fan in + fan out); `he*`: He et al. 2015, variance 2 / fan in; `smallNormal`: deviation .001, for output layers
 * that should start from their prior: a first Adam step moves all weights of a wide layer by the rate alike, which a wider deviation turns into large outputs.
 */
export type InitializerKind =
  'glorotUniform' | 'glorotNormal' | 'heUniform' | 'heNormal' | 'smallNormal' | 'zeros' | 'ones';

type TfInitializer = ReturnType<typeof tf.initializers.zeros>;
/** tfjs does not export the class that it demands initialisers to extend. */
const Initializer = Object.getPrototypeOf(tf.initializers.zeros().constructor) as abstract new () => TfInitializer;

const SAVED_AS: Record<InitializerKind, string> = {
  glorotUniform: 'GlorotUniform',
  glorotNormal: 'GlorotNormal',
  heUniform: 'HeUniform',
  heNormal: 'HeNormal',
  smallNormal: 'RandomNormal',
  zeros: 'Zeros',
  ones: 'Ones',
};

/**
 * Values for a kernel [..., fan in per position, outputs]: a pure function of (seed, name, shape).
 *
 * @param name full name of the weight, e.g. `conv1_conv/kernel`
 */
export function initialValues(
  kind: InitializerKind,
  seed: number,
  name: string,
  shape: readonly number[],
): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (kind === 'zeros') return values;
  if (kind === 'ones') return values.fill(1);
  const variance = varianceOf(kind, shape);
  const stream = randomStream(seed, name);
  if (kind.endsWith('Normal')) {
    const deviation = Math.sqrt(variance);
    for (let i = 0; i < values.length; i++) values[i] = deviation * stream.normal(i);
  } else {
    const limit = Math.sqrt(3 * variance);
    for (let i = 0; i < values.length; i++) values[i] = limit * (2 * stream.uniform(i) - 1);
  }
  return values;
}

function varianceOf(kind: InitializerKind, shape: readonly number[]): number {
  if (kind === 'smallNormal') return 0.001 ** 2;
  const { fanIn, fanOut } = fans(shape);
  return kind === 'heNormal' || kind === 'heUniform' ? 2 / fanIn : 2 / (fanIn + fanOut);
}

/** Connections into and out of one unit of a kernel [in, out] or [..., in, out] with the receptive field in front. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const inputs = shape.at(-2) ?? 1;
  const outputs = shape.at(-1) ?? 1;
  const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { fanIn: field * inputs, fanOut: field * outputs };
}

/** {@link initialValues} as a tfjs initialiser; saves as the standard one of its kind, so that any tfjs loads the model. */
export function seededInitializer(kind: InitializerKind, seed: number, name: string): TfInitializer {
  return new SeededInitializer(kind, seed, name);
}

class SeededInitializer extends Initializer {
  readonly #kind: InitializerKind;
  readonly #seed: number;
  readonly #name: string;

  constructor(kind: InitializerKind, seed: number, name: string) {
    super();
    this.#kind = kind;
    this.#seed = seed;
    this.#name = name;
  }

  override apply(shape: number[]): tf.Tensor {
    return tf.tensor(initialValues(this.#kind, this.#seed, this.#name, shape), shape, 'float32');
  }

  override getClassName(): string {
    return SAVED_AS[this.#kind];
  }
}
