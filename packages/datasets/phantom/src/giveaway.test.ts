import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawFilm } from './draw-film.js';
import { PHANTOM_FINDINGS, type PhantomFinding } from './findings.js';
import { bestThresholdDice, coarsePixels, logisticFitter, logisticScore, rankAuroc, standardise } from './giveaway.js';
import { planCohort, type PlannedFilm } from './plan-cohort.js';

const SIZE = 128;

test('logistic regression and AUROC agree with scikit-learn', () => {
  const golden = JSON.parse(readFileSync(new URL('golden/logistic.json', import.meta.url), 'utf8')) as {
    rows: number[][];
    labels: boolean[];
    cases: { C: number; weights: number[]; intercept: number }[];
    scores: number[];
    auroc: number;
  };
  const rows = golden.rows.map((row) => Float64Array.from(row));
  for (const { C, weights, intercept } of golden.cases) {
    const model = logisticFitter(rows, C)(golden.labels);
    model.weights.forEach((weight, j) => expect(weight).toBeCloseTo(weights[j] ?? NaN, 4));
    expect(model.intercept).toBeCloseTo(intercept, 4);
  }
  expect(rankAuroc(golden.scores, golden.labels)).toBeCloseTo(golden.auroc, 12);
});

test('a threshold is found where there is one', () => {
  const pixels = Uint8Array.from({ length: 256 }, (_, i) => i);
  const mask = pixels.map((value) => (value < 40 ? 1 : 0));
  expect(bestThresholdDice([{ pixels, mask }])).toBe(1);
  expect(bestThresholdDice([{ pixels, mask: pixels.map((value) => (value > 99 ? 1 : 0)) }])).toBe(1);
});

/** Mean AUROC on held-out persons of the best of two penalties: what coarse brightness gives away. */
function coarseAuroc(films: readonly PlannedFilm[], findings: readonly PhantomFinding[]): number {
  const isTest = (film: PlannedFilm): boolean => film.person.number % 3 === 0;
  const pick = (test: boolean): PlannedFilm[] => films.filter((film) => isTest(film) === test);
  const coarse = (film: PlannedFilm): Float64Array => coarsePixels(drawFilm(film, SIZE).pixels, SIZE);
  const [training, heldOut] = [pick(false), pick(true)];
  const { train, test } = standardise(training.map(coarse), heldOut.map(coarse));
  const means = [0.01, 0.1].map((C) => {
    const fit = logisticFitter(train, C);
    const aurocs = findings.map((finding) => {
      const model = fit(training.map((film) => film.findings.includes(finding)));
      const scores = test.map((row) => logisticScore(model, row));
      return rankAuroc(
        scores,
        heldOut.map((film) => film.findings.includes(finding)),
      );
    });
    return aurocs.reduce((sum, value) => sum + value, 0) / aurocs.length;
  });
  return Math.max(...means);
}

test('coarse brightness does not give the findings away', { timeout: 180_000 }, () => {
  const { films } = planCohort(1, { chestxray14: 900, rsna: 500, siim: 500, covid: 500 });
  const all = coarseAuroc(films.chestxray14, PHANTOM_FINDINGS);
  expect(all).toBeLessThanOrEqual(0.75);
  // The yardstick works: it sees something (large hearts, fluid), so a film is no mere noise.
  expect(all).toBeGreaterThan(0.55);
  expect(coarseAuroc(films.rsna, ['Pneumonia'])).toBeLessThanOrEqual(0.78);
  expect(coarseAuroc(films.siim, ['Pneumothorax'])).toBeLessThanOrEqual(0.78);
  expect(coarseAuroc(films.covid, ['COVID-19'])).toBeLessThanOrEqual(0.78);
});

test('no intensity threshold finds the free air', () => {
  const { films } = planCohort(1, { chestxray14: 10, rsna: 10, siim: 160, covid: 10 });
  const positives = films.siim
    .filter((film) => film.findings.includes('Pneumothorax'))
    .map((film) => drawFilm(film, SIZE));
  expect(positives.length).toBeGreaterThan(50);
  expect(bestThresholdDice(positives)).toBeLessThanOrEqual(0.3);
});
