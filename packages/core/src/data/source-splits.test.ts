import { expect, test } from 'vitest';
import type { SplitSample } from './sample.js';
import { sourceSplits } from './source-splits.js';

const sample = (id: number, source?: string, patient = `p${id}`): SplitSample => ({
  dataset: 'd',
  id: `${id}`,
  image: '',
  patient: { key: patient },
  split: 'train',
  labels: { findings: {} },
  ...(source === undefined ? {} : { source }),
});
const samples = Array.from({ length: 90 }, (_, i) => sample(i, ['a', 'b', undefined][i % 3]));

test('every source with enough images is the test part once; the others train and validate', () => {
  const folds = sourceSplits([...samples, sample(100, 'tiny')], { by: 'source', least: 10 }, 1);
  expect(folds).toHaveLength(2);
  for (const [f, source] of ['a', 'b'].entries()) {
    samples.forEach((one, i) => expect(folds[f]![i] === 'test').toBe(one.source === source));
    expect(new Set(folds[f])).toEqual(new Set(['test', 'validation', 'train']));
  }
});

test('a patient with images of two sources is on one side', () => {
  const shared = [...samples, sample(200, 'a', 'both'), sample(201, 'b', 'both')];
  for (const parts of sourceSplits(shared, { by: 'source', least: 10 }, 1)) expect(parts.at(-1)).toBe(parts.at(-2));
});

test('one source, or none with enough images, is refused by name', () => {
  expect(() => sourceSplits(samples, { by: 'source', least: 31 }, 1)).toThrow(/there is none/);
  const one = samples.map((each) => ({ ...each, source: 'a' }));
  expect(() => sourceSplits(one, { by: 'source', least: 10 }, 1)).toThrow(/there is one \(a\)/);
});
