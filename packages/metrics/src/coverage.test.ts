import { describe, expect, test } from 'vitest';
import { simulateCoverage, STATISTICS, trueValues } from './golden/simulate-coverage.js';

// `npm run bench -- coverage` does 2,000 repetitions; here the binomial error of 120 is 2 points.
describe.each(['percentile', 'bca'] as const)('%s intervals of simulated studies hold the true value', (method) => {
  const coverage = simulateCoverage({ repetitions: 120, resamples: 400, seed: 7, method });
  test.each(STATISTICS)('%s', (name) => {
    expect(coverage[name]).toBeGreaterThanOrEqual(0.89);
    expect(coverage[name]).toBeLessThanOrEqual(0.99);
  });
});

test('so do DeLong intervals with clusters', () => {
  const { auroc } = simulateCoverage({ repetitions: 400, resamples: 0, seed: 7, method: 'delong' });
  expect(auroc).toBeGreaterThanOrEqual(0.91);
  expect(auroc).toBeLessThanOrEqual(0.98);
});

test('the simulated truth: Phi(1.2 / sqrt 2), and a mean of sigmoids', () => {
  const truth = trueValues();
  expect(truth.auroc).toBeCloseTo(0.80193, 5);
  expect(truth['dice/positives'] / 0.9).toBeCloseTo(0.69673, 4);
});
