import { expect, test } from 'vitest';
import type { OpenedDataset } from '../data/open-datasets.js';
import { datasetNotes } from './dataset-notes.js';
import type { ResolvedPhase, ResolvedProtocol } from './resolved-phase.js';

const samples = [...'++++++--'].map((sign, i) => ({
  dataset: 'd',
  id: `${i}`,
  image: '',
  patient: { key: `p${i}` },
  source: sign === '+' ? 'a' : 'b',
  split: i % 2 === 0 ? 'train' : 'test',
  labels: { findings: { A: sign === '+', positive: sign === '+' } },
}));
const datasets = new Map([['d', { name: 'd', notes: ['Drawn.'], samples } as unknown as OpenedDataset]]);
const notesOf = (...phases: Partial<ResolvedPhase>[]): readonly string[] | undefined => {
  const whole = phases.map((phase, i) => ({
    ...{ name: `p${i}`, gate: {}, heads: { cls: { kind: 'cls', classes: ['A'] } } },
    ...{ schedule: { kind: 'alternating', turns: [{ on: 'd', train: ['encoder', 'cls'] }] } },
    ...phase,
  }));
  return datasetNotes({ phases: whole, tables: {} } as unknown as ResolvedProtocol, datasets)['d'];
};

test('the test part is spoken of where a phase is measured on it, not where folds are dealt', () => {
  const part = 'Of its test part 3 images have findings and 1 have none: too few for its numbers to mean much.';
  const source = expect.stringContaining('A comes from 2 sources') as string;
  const folded = { crossValidate: { folds: 2, repeats: 1 } };
  expect(notesOf({})).toEqual(['Drawn.', part, source]);
  expect(notesOf(folded)).toEqual(['Drawn.', source]);
  expect(notesOf(folded, {})).toEqual(['Drawn.', part, source]);
});

test('sources are spoken of for findings that a phase is taught', () => {
  expect(notesOf({ heads: { cls: { kind: 'cls', classes: ['B'] } } })).toHaveLength(2);
});
