import type { Confusion } from './decisions.js';
import { macroMean, type MacroMean } from './macro-mean.js';

/** (TP + TN) / all; undefined without an item. */
export function accuracy(counts: Confusion): number | undefined {
  const right = counts.truePositives + counts.trueNegatives;
  return ratio(right, right + counts.falsePositives + counts.falseNegatives);
}

/** 2 TP / (2 TP + FP + FN), in [0, 1]; undefined when there is neither a positive item nor a positive call. */
export function f1(counts: Confusion): number | undefined {
  const twice = 2 * counts.truePositives;
  return ratio(twice, twice + counts.falsePositives + counts.falseNegatives);
}

/** TP / (TP + FN), recall; undefined without a positive item. */
export function sensitivity(counts: Confusion): number | undefined {
  return ratio(counts.truePositives, counts.truePositives + counts.falseNegatives);
}

/** TN / (TN + FP); undefined without a negative item. */
export function specificity(counts: Confusion): number | undefined {
  return ratio(counts.trueNegatives, counts.trueNegatives + counts.falsePositives);
}

/** TP / (TP + FP), positive predictive value; undefined without a positive call. */
export function precision(counts: Confusion): number | undefined {
  return ratio(counts.truePositives, counts.truePositives + counts.falsePositives);
}

/** Mean of the classes' F1, over the classes whose F1 is defined. */
export function macroF1(classes: readonly Confusion[]): MacroMean {
  return macroMean(classes.map(f1));
}

/** F1 of the counts added up over classes. */
export function microF1(classes: readonly Confusion[]): number | undefined {
  return f1(sumConfusions(classes));
}

/** The counts of several classes added up; `accuracy(sumConfusions(...))` is accuracy over all known labels. */
export function sumConfusions(classes: readonly Confusion[]): Confusion {
  const sum = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (const counts of classes) {
    sum.truePositives += counts.truePositives;
    sum.falsePositives += counts.falsePositives;
    sum.trueNegatives += counts.trueNegatives;
    sum.falseNegatives += counts.falseNegatives;
  }
  return sum;
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
