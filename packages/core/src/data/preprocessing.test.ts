import { expect, test } from 'vitest';
import { preprocessingName, readPreprocessing, stretchTo } from './preprocessing.js';

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
