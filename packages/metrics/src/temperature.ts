import { MetricsError } from './errors.js';
import { binProbabilities } from './calibration.js';

/** Probabilities are held this far inside (0, 1), half the spacing of float32 below 1, so that their logits are finite. */
const EDGE = 2 ** -25;

/**
 * Temperature scaling (Guo et al., ICML 2017) of one class: the T > 0 that makes `sigmoid(logit(p) / T)` most likely, the
 * minimum of the mean of `-y log q - (1 - y) log(1 - q)`. The loss is convex in 1 / T; its root is found by Newton's
 * steps inside a bracket. Above 1 = the model was overconfident. Fit it on validation items.
 *
 * @param probabilities shape [n], in [0, 1]
 * @param labels shape [n], 0 or 1
 * @param known shape [n], 0 = label unknown, the item is left out
 * @returns undefined where no finite T is best: no item, no error at 0.5 (T -> 0), or no relation to the labels or an
 *   inverse one (T -> infinity)
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_LABEL_INVALID, METRICS_SCORE_INVALID
 */
export function fitTemperature(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  known?: ArrayLike<number>,
): number | undefined {
  const { probability, label } = binProbabilities(probabilities, labels, 1, known);
  const logits = probability.map(logit);
  let atZero = 0; // slope of the loss at 1 / T = 0
  let atInfinity = 0; // and its limit
  for (let i = 0; i < logits.length; i++) {
    const z = logits[i]!;
    atZero += z * (0.5 - label[i]!);
    if (z > 0 !== (label[i] === 1)) atInfinity += Math.abs(z);
  }
  if (atZero >= 0 || atInfinity <= 0) return undefined;
  let low = 0;
  let high = 1;
  while (slope(logits, label, high)[0] < 0) {
    low = high;
    high *= 2;
  }
  let inverse = (low + high) / 2;
  for (let step = 0; step < 200; step++) {
    const [value, curvature] = slope(logits, label, inverse);
    if (value < 0) low = inverse;
    else high = inverse;
    const newton = inverse - value / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - inverse) <= 1e-15 * inverse) break;
    inverse = next;
  }
  return 1 / inverse;
}

/**
 * `sigmoid(logit(p) / temperature)`. Order and threshold 0.5 stay, so does every ranking metric.
 *
 * @throws {MetricsError} METRICS_OPTION_INVALID when the temperature is not a positive number
 */
export function scaleProbability(probability: number, temperature: number): number {
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new MetricsError('METRICS_OPTION_INVALID', `temperature is ${temperature}: a positive number wanted`);
  }
  return sigmoid(logit(probability) / temperature);
}

/** First and second derivative of the summed loss by 1 / T. */
function slope(logits: Float64Array, label: Uint8Array, inverse: number): [number, number] {
  let first = 0;
  let second = 0;
  for (let i = 0; i < logits.length; i++) {
    const z = logits[i]!;
    const q = sigmoid(inverse * z);
    first += z * (q - label[i]!);
    second += z * z * q * (1 - q);
  }
  return [first, second];
}

function logit(probability: number): number {
  const inside = Math.min(1 - EDGE, Math.max(EDGE, probability));
  return Math.log(inside / (1 - inside));
}

function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}
