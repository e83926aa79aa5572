import { describe, expect, test } from 'vitest';
import { binProbabilities, calibration } from './calibration.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';

interface Numbers {
  brier: number;
  ece: number;
  counts: number[];
  means: number[];
  shares: number[];
}

interface Golden {
  probabilities: number[];
  labels: number[];
  weights: number[];
  bins: number;
  plain: Numbers;
  weighted: Numbers;
}

const golden = readGolden<Golden>('calibration');
const binned = binProbabilities(golden.probabilities, golden.labels, golden.bins);

describe.each([
  ['plain', undefined, golden.plain],
  ['weighted', Uint16Array.from(golden.weights), golden.weighted],
] as const)('scikit-learn, %s', (_, multiplicity, wanted) => {
  test('Brier, ECE and the reliability diagram', () => {
    const got = calibration(binned, multiplicity);
    expectNumber(got.brier, wanted.brier, 'Brier');
    expectNumber(got.ece, wanted.ece, 'ECE');
    const filled = got.bins.filter((bin) => bin.count > 0);
    expect(filled.map((bin) => bin.count)).toEqual(wanted.counts);
    filled.forEach((bin, i) => {
      expectNumber(bin.meanProbability, wanted.means[i], `mean of bin ${i}`);
      expectNumber(bin.positiveShare, wanted.shares[i], `share of bin ${i}`);
    });
  });
});

test('0 and 1 have bins, unknown items none', () => {
  const edge = calibration(binProbabilities([0, 1, 0.5, 7], [0, 1, 1, 9], 2, [1, 1, 1, 0]));
  expect(edge.bins.map((bin) => bin.count)).toEqual([1, 2]);
  expectNumber(edge.brier, 0.25 / 3, 'Brier');
  const none = calibration(binProbabilities([], [], 1));
  expect(none).toEqual({
    brier: undefined,
    ece: undefined,
    bins: [{ count: 0, meanProbability: undefined, positiveShare: undefined }],
  });
});

test('bad arguments are refused', () => {
  const refuse = (run: () => unknown, code: string) => expect(run).toThrow(expect.objectContaining({ code }));
  refuse(() => binProbabilities([1.1], [1]), 'METRICS_SCORE_INVALID');
  refuse(() => binProbabilities([NaN], [1]), 'METRICS_SCORE_INVALID');
  refuse(() => binProbabilities([0.5], [2]), 'METRICS_LABEL_INVALID');
  refuse(() => binProbabilities([0.5], [1], 0), 'METRICS_OPTION_INVALID');
  refuse(() => binProbabilities([0.5], []), 'METRICS_LENGTH_MISMATCH');
  refuse(() => calibration(binned, new Uint8Array(1)), 'METRICS_LENGTH_MISMATCH');
});
