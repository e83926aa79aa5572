import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auroc, macroAuroc } from './auroc.js';
import { averagePrecision, macroAveragePrecision } from './average-precision.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';
import { rankClasses, rankScores } from './ranking.js';
import { f1Threshold, youdenThreshold } from './thresholds.js';

interface Case {
  name: string;
  scores: number[];
  labels: number[];
  weights: number[];
  auroc: number | null;
  weightedAuroc: number | null;
  averagePrecision: number | null;
  weightedAveragePrecision: number | null;
  youden: { threshold: number; value: number } | null;
  f1: { threshold: number; value: number } | null;
}

describe.each(readGolden<Case[]>('ranking'))('scikit-learn, $name', (golden) => {
  const ranking = rankScores(golden.scores, golden.labels);
  const weights = Uint16Array.from(golden.weights);

  test('AUROC', () => {
    expectNumber(auroc(ranking), golden.auroc, 'plain');
    expectNumber(auroc(ranking, weights), golden.weightedAuroc, 'weighted');
  });

  test('average precision', () => {
    expectNumber(averagePrecision(ranking), golden.averagePrecision, 'plain');
    expectNumber(averagePrecision(ranking, weights), golden.weightedAveragePrecision, 'weighted');
  });

  test('thresholds', () => {
    const youden = youdenThreshold(ranking);
    expectNumber(youden?.value, golden.youden?.value, 'J');
    expectNumber(youden?.threshold, golden.youden?.threshold, 'at');
    const f1 = f1Threshold(ranking);
    expectNumber(f1?.value, golden.f1?.value, 'F1');
    expectNumber(f1?.threshold, golden.f1?.threshold, 'at');
  });
});

test('macro means leave out unknown entries and classes without both values, and say how many counted', () => {
  const golden = readGolden<{
    scores: number[];
    labels: number[];
    known: number[];
    classes: number;
    perClass: { auroc: number | null; averagePrecision: number | null }[];
    macroAuroc: number;
    macroAurocCounted: number;
    macroAveragePrecision: number;
  }>('multilabel');
  const rankings = rankClasses(golden.scores, golden.labels, golden.classes, golden.known);
  const roc = macroAuroc(rankings);
  const precision = macroAveragePrecision(rankings);
  expectNumber(roc.value, golden.macroAuroc, 'macro AUROC');
  expect(roc.counted).toBe(golden.macroAurocCounted);
  expectNumber(precision.value, golden.macroAveragePrecision, 'macro AP');
  golden.perClass.forEach((wanted, c) => {
    expectNumber(roc.perClass[c], wanted.auroc, `AUROC of class ${c}`);
    expectNumber(precision.perClass[c], wanted.averagePrecision, `AP of class ${c}`);
  });
});

const items = fc.array(
  fc.record({ score: fc.integer({ min: -6, max: 6 }), label: fc.integer({ min: 0, max: 1 }), copies: fc.nat(4) }),
  { maxLength: 40 },
);

function columns(rows: { score: number; label: number }[]) {
  return rankScores(
    rows.map((row) => row.score),
    rows.map((row) => row.label),
  );
}

test('a multiplicity counts as repetition', () => {
  fc.assert(
    fc.property(items, (rows) => {
      const weights = Int32Array.from(rows, (row) => row.copies);
      const repeated = columns(rows.flatMap((row) => Array.from({ length: row.copies }, () => row)));
      expect(auroc(columns(rows), weights)).toBe(auroc(repeated));
      expectNumber(averagePrecision(columns(rows), weights), averagePrecision(repeated), 'AP');
    }),
  );
});

test('AUROC is the share of ordered pairs, in [0, 1]; inverting scores or labels gives 1 - AUROC', () => {
  fc.assert(
    fc.property(items, (rows) => {
      let pairs = 0;
      let sum = 0;
      for (const a of rows)
        for (const b of rows) {
          if (a.label !== 1 || b.label !== 0) continue;
          pairs++;
          sum += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
        }
      const value = auroc(columns(rows));
      expectNumber(value, pairs === 0 ? null : sum / pairs, 'pairs');
      if (value === undefined) return;
      expectNumber(auroc(columns(rows.map((r) => ({ ...r, score: -r.score })))), 1 - value, 'scores inverted');
      expectNumber(auroc(columns(rows.map((r) => ({ ...r, label: 1 - r.label })))), 1 - value, 'labels inverted');
      expect(auroc(columns(rows.map((r) => ({ ...r, score: Math.exp(r.score) }))))).toBe(value);
    }),
  );
});

test('the order of items does not matter', () => {
  fc.assert(
    fc.property(items, (rows) => {
      const turned = columns([...rows].reverse());
      expect(auroc(turned)).toBe(auroc(columns(rows)));
      expectNumber(averagePrecision(turned), averagePrecision(columns(rows)), 'AP');
      expect(f1Threshold(turned)).toEqual(f1Threshold(columns(rows)));
    }),
  );
});

test('infinite scores rank, unknown items are never read', () => {
  expect(auroc(rankScores([-Infinity, Infinity, 0], [0, 1, 0]))).toBe(1);
  expect(auroc(rankScores([NaN, 1, 0], [7, 1, 0], [0, 1, 1]))).toBe(1);
});

test('bad arguments are refused', () => {
  expect(() => rankScores([1, 2], [1])).toThrow(expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }));
  expect(() => rankScores([1], [1], [])).toThrow(expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }));
  expect(() => rankScores([1], [-1])).toThrow(expect.objectContaining({ code: 'METRICS_LABEL_INVALID' }));
  expect(() => rankScores([NaN], [1])).toThrow(expect.objectContaining({ code: 'METRICS_SCORE_INVALID' }));
  expect(() => rankClasses([1, 2, 3], [1, 0, 1], 2)).toThrow(
    expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }),
  );
  expect(() => rankClasses([], [], 0)).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
  const ranking = rankScores([1, 2], [0, 1]);
  expect(() => auroc(ranking, new Uint16Array(3))).toThrow(
    expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }),
  );
  expect(() => auroc(ranking, Int32Array.of(-1, 1))).toThrow(
    expect.objectContaining({ code: 'METRICS_MULTIPLICITY_INVALID' }),
  );
});
