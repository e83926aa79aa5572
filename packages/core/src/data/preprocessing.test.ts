import { expect, test } from 'vitest';
import { preprocessingName, readPreprocessing, stretchTo } from './preprocessing.js';

test('what is written with a run is read back as the same', () => {
  const preprocessing = stretchTo(256);
  expect(readPreprocessing(JSON.parse(JSON.stringify(preprocessing)), 'run.json')).toEqual(preprocessing);
  expect(preprocessingName(preprocessing)).toBe('stretch-1-256');
  const cropped = stretchTo(256, { crop: 'borders' });
  expect(readPreprocessing(JSON.parse(JSON.stringify(cropped)), 'run.json')).toEqual(cropped);
  expect(preprocessingName(cropped)).toBe('stretch-1-256-borders');
  expect(stretchTo(256, { crop: 'none' })).toEqual(preprocessing);
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
  { kind: 'stretch', version: 1, size: 256, crop: 'lungs' },
])('%j is none that this version can do', (value) => {
  expect(() => readPreprocessing(value, '/runs/a/run.json')).toThrow(
    expect.objectContaining({ code: 'PREPROCESSING_UNKNOWN', place: { file: '/runs/a/run.json' } }),
  );
});
