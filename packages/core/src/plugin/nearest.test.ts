import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestName, suggestion } from './nearest.js';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['ab', 'ba', 1],
  ['ca', 'abc', 3], // optimal string alignment; 2 where a swapped pair could be edited again
  ['learningRate', 'learnignRate', 1],
])('editDistance(%j, %j) is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('a distance is symmetric, 0 for equals alone, and bounded by the lengths', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(distance).toBeLessThanOrEqual(levenshtein(a, b));
      expect(distance).toBeGreaterThanOrEqual(levenshtein(a, b) / 2);
    }),
    { numRuns: 2000 },
  );
});

/** The textbook recursion, without swaps. */
function levenshtein(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return levenshtein(restA, restB);
  return 1 + Math.min(levenshtein(restA, b), levenshtein(a, restB), levenshtein(restA, restB));
}

const heads = ['encoder', 'cls', 'det', 'seg'];
test.each([
  ['encodr', 'encoder'],
  ['ENCODER', 'encoder'],
  ['cl', 'cls'],
  ['dte', 'det'],
  ['segm', 'seg'],
  ['enocderr', 'encoder'],
  ['age', undefined],
  ['x', undefined],
  ['', undefined],
  ['density', undefined],
])('the name nearest to %j is %j', (name, nearest) => {
  expect(nearestName(name, heads)).toBe(nearest);
});

test('short names that only have their length in common are not slips of each other', () => {
  expect(nearestName('seg', ['det'])).toBeUndefined();
});

test('of equally near names the first known one; nothing known, nothing near', () => {
  expect(nearestName('sata', ['data', 'sate'])).toBe('data');
  expect(nearestName('det', [])).toBeUndefined();
});

test('suggests the near name, else says what is known', () => {
  expect(suggestion('dte', heads)).toBe('did you mean "det"?');
  expect(suggestion('pneumonia', heads)).toBe('known: encoder, cls, det, seg');
  expect(suggestion('x', [])).toBe('known: none');
});
