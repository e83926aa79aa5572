import { expect, test } from 'vitest';
import { preprocess, preprocessingName, readPreprocessing, stretchTo } from './preprocessing.js';

test('what is written with a run is read back as the same', () => {
  const preprocessing = stretchTo(256);
  expect(readPreprocessing(JSON.parse(JSON.stringify(preprocessing)), 'run.json')).toEqual(preprocessing);
  expect(preprocessingName(preprocessing)).toBe('stretch-1-256');
});

test.each([
  undefined,
  null,
  'stretch',
  { kind: 'letterbox', version: 1, size: 256 },
  { kind: 'stretch', version: 2, size: 256 },
  { kind: 'stretch', version: 1, size: 0 },
  { kind: 'stretch', version: 1, size: 1.5 },
  { kind: 'stretch', version: 1 },
])('%j is none that this version can do', (value) => {
  expect(() => readPreprocessing(value, '/runs/a/run.json')).toThrow(
    expect.objectContaining({ code: 'PREPROCESSING_UNKNOWN', place: { file: '/runs/a/run.json' } }),
  );
});

test('an image is stretched by area average; one of the right size is itself', () => {
  const image = { width: 4, height: 2, data: Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70) };
  expect([...preprocess(image, stretchTo(2))]).toEqual([5, 25, 45, 65]);
  const square = { width: 2, height: 2, data: Uint8Array.of(1, 2, 3, 4) };
  expect(preprocess(square, stretchTo(2))).toBe(square.data);
});
