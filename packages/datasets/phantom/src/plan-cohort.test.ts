import { expect, test } from 'vitest';
import { OPACITY_FINDINGS, PHANTOM_FINDINGS } from './findings.js';
import { DEFAULT_COUNTS, planCohort } from './plan-cohort.js';

test.each([1, 2, 3])('the default cohort of seed %i has the prevalence that its README states', (seed) => {
  const { films, testPersons } = planCohort(seed, DEFAULT_COUNTS);
  const share = (dataset: keyof typeof films, finding: string): number =>
    films[dataset].filter((film) => film.findings.some((name) => name === finding)).length / films[dataset].length;
  for (const finding of PHANTOM_FINDINGS) {
    expect(share('chestxray14', finding)).toBeGreaterThan(0.06);
    expect(share('chestxray14', finding)).toBeLessThan(0.2);
  }
  expect(films.chestxray14.filter((film) => film.findings.length === 0).length / 1600).toBeCloseTo(0.34, 1);
  expect(share('rsna', 'Pneumonia')).toBeCloseTo(0.5, 2);
  expect(share('siim', 'Pneumothorax')).toBeCloseTo(0.5, 2);
  expect(share('covid', 'COVID-19')).toBeCloseTo(0.45, 1);
  expect(films.chestxray14.filter((film) => testPersons.has(film.person.number)).length).toBeGreaterThan(300);
  // About the same share of shared persons is held out, so that RSNA and SIIM keep enough test films.
  for (const dataset of ['rsna', 'siim'] as const) {
    const own = new Set(films.chestxray14.map((film) => film.person.number));
    const shared = films[dataset].filter((film) => own.has(film.person.number));
    expect(shared.length / films[dataset].length).toBeCloseTo(0.3, 1);
    const held = shared.filter((film) => testPersons.has(film.person.number)).length / shared.length;
    expect(held).toBeGreaterThan(0.18);
    expect(held).toBeLessThan(0.32);
  }
});

test('no RSNA negative shows what could pass for pneumonia; films differ; a person keeps sex and grows no younger', () => {
  const { films } = planCohort(5, { chestxray14: 300, rsna: 300, siim: 300, covid: 300 });
  for (const film of films.rsna) {
    if (!film.findings.includes('Pneumonia')) {
      expect(film.findings.some((finding) => OPACITY_FINDINGS.includes(finding))).toBe(false);
    }
  }
  const all = Object.values(films).flat();
  expect(new Set(all.map((film) => film.imageSeed)).size).toBe(all.length);
  for (const film of all) {
    expect(film.ageYears).toBeGreaterThanOrEqual(film.person.ageYears);
    expect(film.ageYears).toBeLessThan(100);
  }
});
