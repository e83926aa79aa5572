import { expect, test } from 'vitest';
import { harmonise, vocabulary } from './vocabulary.js';

test('words of other datasets, in any spelling, get the one name', () => {
  const words = ['Pleural Thickening', 'pleural_thickening', ' Pleural Effusion ', 'Infiltrate', 'covid 19', 'normal'];
  expect(words.map(harmonise)).toEqual([
    'Pleural_Thickening',
    'Pleural_Thickening',
    'Effusion',
    'Infiltration',
    'COVID-19',
    'No Finding',
  ]);
});

test('what is not the same is kept apart, and an unknown word stays itself', () => {
  expect(harmonise('Lung Opacity')).not.toBe(harmonise('Pneumonia'));
  expect(harmonise('Lung Lesion')).not.toBe(harmonise('Nodule'));
  expect(harmonise('Scoliosis')).toBe('Scoliosis');
});

test('no word means two things', () => {
  const words = vocabulary.flatMap(({ name, synonyms }) => [name, ...synonyms]).map((word) => word.toLowerCase());
  expect(new Set(words).size).toBe(words.length);
  for (const { name, synonyms } of vocabulary)
    for (const word of [name, ...synonyms]) expect(harmonise(word)).toBe(name);
});
