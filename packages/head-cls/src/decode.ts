import type { OutputValue } from '@multichexnet/core';

export interface Finding {
  readonly name: string;
  /** 0..1, not calibrated. */
  readonly probability: number;
}

export interface ClsPrediction {
  /** In the head's class order. */
  readonly findings: readonly Finding[];
}

/** Probabilities [C] of one sample's logits [C] (a plain number where C is 1). */
export function probabilities(logits: OutputValue): Float64Array {
  return Float64Array.from(typeof logits === 'number' ? [logits] : logits, (x) => 1 / (1 + Math.exp(-x)));
}

export function decode(logits: OutputValue, classes: readonly string[]): ClsPrediction {
  const values = probabilities(logits);
  return { findings: classes.map((name, i) => ({ name, probability: values[i]! })) };
}

/** The prediction for an image that a gate held back: no finding. */
export function decodeEmpty(classes: readonly string[]): ClsPrediction {
  return { findings: classes.map((name) => ({ name, probability: 0 })) };
}

/**
 * Probability that any of `wanted` is present, taken as the highest of theirs: at one threshold this passes exactly the images on which at least one finding
 * is detected (section 3.7). Undefined when the head has none of these classes.
 */
export function gateScore(
  logits: OutputValue,
  classes: readonly string[],
  wanted: readonly string[],
): number | undefined {
  const values = probabilities(logits);
  const scores = classes.flatMap((name, i) => (wanted.includes(name) ? [values[i]!] : []));
  return scores.length === 0 ? undefined : Math.max(...scores);
}
