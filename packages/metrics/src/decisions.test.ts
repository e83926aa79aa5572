import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accuracy,
  f1,
  macroF1,
  microF1,
  precision,
  sensitivity,
  specificity,
  sumConfusions,
} from './confusion-rates.js';
import { confusion, decide, decideClasses } from './decisions.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';

interface Rates {
  accuracy: number | null;
  f1: number | null;
  sensitivity: number | null;
  specificity: number | null;
  precision: number | null;
}

interface Golden {
  scores: number[];
  labels: number[];
  known: number[];
  thresholds: number[];
  perClass: Rates[];
  macroF1: number;
  microF1: number;
  accuracy: number;
  allKnownMacroF1: number;
  allKnownMicroF1: number;
}

const golden = readGolden<Golden>('multilabel');

test('scikit-learn, partial labels', () => {
  const counts = decideClasses(golden.scores, golden.labels, golden.thresholds, golden.known).map((d) => confusion(d));
  golden.perClass.forEach((wanted, c) => {
    expectNumber(accuracy(counts[c]!), wanted.accuracy, `accuracy of class ${c}`);
    expectNumber(f1(counts[c]!), wanted.f1, `F1 of class ${c}`);
    expectNumber(sensitivity(counts[c]!), wanted.sensitivity, `sensitivity of class ${c}`);
    expectNumber(specificity(counts[c]!), wanted.specificity, `specificity of class ${c}`);
    expectNumber(precision(counts[c]!), wanted.precision, `precision of class ${c}`);
  });
  expectNumber(macroF1(counts).value, golden.macroF1, 'macro F1');
  expectNumber(microF1(counts), golden.microF1, 'micro F1');
  expectNumber(accuracy(sumConfusions(counts)), golden.accuracy, 'accuracy');
});

test('scikit-learn, all labels known', () => {
  const counts = decideClasses(golden.scores, golden.labels, golden.thresholds).map((d) => confusion(d));
  const four = [0, 1, 2, 5].map((c) => counts[c]!);
  expectNumber(macroF1(four).value, golden.allKnownMacroF1, 'macro F1');
  expectNumber(microF1(counts), golden.allKnownMicroF1, 'micro F1');
});

test('nothing to divide by is undefined', () => {
  const none = confusion(decide([], [], 0.5));
  for (const rate of [accuracy, f1, sensitivity, specificity, precision]) expect(rate(none)).toBeUndefined();
  const negatives = confusion(decide([0.1, 0.2], [0, 0], 0.5));
  expect(f1(negatives)).toBeUndefined();
  expect(sensitivity(negatives)).toBeUndefined();
  expect(specificity(negatives)).toBe(1);
  expect(accuracy(negatives)).toBe(1);
  expect(macroF1([negatives])).toEqual({ value: undefined, counted: 0 });
  expect(f1(confusion(decide([0.9], [0], 0.5)))).toBe(0);
});

test('a score at the threshold is positive', () => {
  expect(confusion(decide([0.5, 0.5], [1, 0], 0.5))).toEqual({
    truePositives: 1,
    falsePositives: 1,
    trueNegatives: 0,
    falseNegatives: 0,
  });
});

test('a multiplicity counts as repetition; the four counts add up', () => {
  const rows = fc.array(fc.record({ score: fc.double({ noNaN: true }), label: fc.nat(1), copies: fc.nat(3) }));
  fc.assert(
    fc.property(rows, fc.double({ noNaN: true }), (items, threshold) => {
      const repeated = items.flatMap((row) => Array.from({ length: row.copies }, () => row));
      const decisions = decide(
        items.map((r) => r.score),
        items.map((r) => r.label),
        threshold,
      );
      const weighted = confusion(
        decisions,
        Uint8Array.from(items, (r) => r.copies),
      );
      expect(weighted).toEqual(
        confusion(
          decide(
            repeated.map((r) => r.score),
            repeated.map((r) => r.label),
            threshold,
          ),
        ),
      );
      const sum = Object.values(weighted as unknown as Record<string, number>).reduce((a, b) => a + b, 0);
      expect(sum).toBe(repeated.length);
    }),
  );
});

test('bad arguments are refused', () => {
  expect(() => decide([1], [1], NaN)).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
  expect(() => decide([1], [0.5], 0)).toThrow(expect.objectContaining({ code: 'METRICS_LABEL_INVALID' }));
  expect(() => decide([NaN], [1], 0)).toThrow(expect.objectContaining({ code: 'METRICS_SCORE_INVALID' }));
  expect(() => decide([1, 2], [1], 0)).toThrow(expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }));
  expect(() => decideClasses([1, 2], [1, 1], [])).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
});
